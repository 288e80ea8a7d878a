/** Paths that scanners try on every host: leftovers, consoles, other people's applications. */
import type { Signal } from "../signal.ts";
import { PLACE } from "../value.ts";

export const scannerPath: Signal = {
  name: "scanner_path",
  family: "scanner",
  needs: 0,
  places: PLACE.path,
  rules: [
    {
      id: "cgi",
      confidence: 0.85,
      view: "path",
      pattern:
        /\/(?:cgi-bin|cgi-sys|scgi-bin|cgibin|cgi-win|cgi-local|cgi-shl|cgis|htbin|cgi)(?:\/|$)|\/perl\/-|\.(?:cgi|idc|idq|htr|htw|ida|printer|nsf|cfm\.)(?:[\/?]|$)|\/(?:cmd|root|shell|sh|bash|perl|tftp|ping|command)\.(?:exe|bat|cmd|com)(?:[\/?]|$)/,
      why: "a CGI program",
    },
    {
      id: "leftover",
      confidence: 0.9,
      view: "path",
      pattern:
        /\/\.(?:git|svn|hg|bzr|cvs|env|aws|ssh|docker|kube|npmrc|ht\w{2,10}|ds_store|vscode|idea|bash\w*|mysql_history|config|old|bak|backup|well-known\/\.\.|cobalt|nsconfig|passwd|profile|rhosts|sh_history|subversion|travis|gitlab|gitignore|ftpconfig|dockerenv|composer|terraform|circleci|yarnrc|netrc|pgpass|s3cfg|swp|cache|log|wwwacl|www_acl|access|admin|viminfo|history|tmp|project|settings|buildpath|dockerignore|editorconfig|\w{1,20}rc)(?:$|[\/._~-])|\/(?:\.\w{1,20}\.(?:swp|php|sw[a-z]|bak))/,
      why: "a hidden file",
    },
    {
      id: "backup",
      confidence: 0.86,
      view: "path",
      pattern:
        /\.(?:sql|bak|old|orig|save|swp|dump|mdb|sqlite3?|pem|key|pfx|p12|ppk|kdbx|tar\.bz2|htpasswd|bkp|copy|tmp)(?:\.(?:gz|zip|tar|bz2|tpl|php|txt))?\/?$|~$|\/(?:backup|dump|database|db|site|www|htdocs|wwwroot|public_html)s?\d{0,4}\.(?:zip|rar|gz|tgz|7z|tar|sql)/,
      why: "a backup or configuration",
    },
    {
      id: "settings",
      confidence: 0.6,
      view: "path",
      pattern: /\.(?:inc|cfg|conf|ini|log)(?:\.\w{1,5})?\/?$/,
      why: "a configuration",
    },
    {
      id: "wordpress",
      confidence: 0.84,
      view: "path",
      pattern: /\/(?:wp-(?:config|content\/(?:uploads\/[\w\/]{0,60}\.php|debug))|wlwmanifest\.xml)/,
      why: "a file of WordPress that nobody has business with",
    },
    {
      id: "wordpress_door",
      // Sites that are WordPress load these themselves, the editor the list of users too; the
      // others answer 404, which is counted.
      confidence: 0.5,
      view: "path",
      pattern:
        /\/(?:wp-(?:login|admin|includes|content|json|cron|load|settings|trackback|signup|mail|links)|xmlrpc\.php|wordpress\/)/,
      why: "WordPress",
    },
    {
      id: "exposed",
      confidence: 0.86,
      view: "path",
      pattern:
        /\/(?:actuator|jolokia|php-?info|info\.php|server-(?:status|info)|jmx-console|web-console|invoker|_cat|_cluster|_all_dbs|_nodes|hudson|axis2|_profiler|_ignition|debug\/(?:pprof|default|vars|bar)|trace\.axd|elmah(?:\.axd)?|_vti_\w{1,9}|vendor\/phpunit|boaform|goform|hnap1|gponform|setup\.cgi|currentsetting\.htm|stalker_portal|evox|nice ports|hndunblock|tmunblock|dana-na|remote\/fgt_lang|cfide|cgi-mod|threaddump|heapdump|autoconfig|configprops|httptrace|auditevents|aspnet_client|iisadmpwd|msadc|scripts\/(?:\.\.|root|cmd|tools|iisadmin|samples)|magento_version|sites\/default(?!\/files\/)|sqlite\w{0,9}manager|timthumb|c99\.|r57|b374k|web\.config|composer\.(?:json|lock)|package-lock|dockerfile|docker-compose|jenkinsfile|vagrantfile|id_rsa|id_dsa|passwd|passlist)(?=$|[\/?;]|\.(?!(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|woff2?|ttf|mp4|pdf|md)$))|\/(?:phpinfos?|_phpinfo|\w{0,12}phpmyadmin[\w.-]{0,12})(?:\.php)?\/?$/,
      why: "what should not be open to anybody",
    },
    {
      id: "console",
      // Only as the whole site would have it, not as somebody's page of the same name.
      confidence: 0.83,
      view: "path",
      pattern:
        /^\/(?:phpmyadmin|pma|myadmin|mysqladmin|dbadmin|adminer|manager\/(?:html|status|text)|host-manager|solr\/admin|jenkins|druid\/|telescope\/|horizon\/|h2-console|owa|ecp|autodiscover|_layouts|global-protect|remote\/login|coldfusion|env|configuration|swagger-resources|v2\/api-docs|iisadmin|\w{0,12}console\/login|nagios\d?|cacti|zabbix|munin|webmin|plesk|cpanel|whm|roundcube|squirrelmail|horde|typo3|phppgadmin|sqlmanager|websql|webdb|fckeditor|kcfinder|elfinder|uploadify|c99|wso|test\.php)(?=$|[\/?;]|\.(?!(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|woff2?|ttf|mp4|pdf|md)$))/,
      why: "a console or another product",
    },
    {
      id: "secret_name",
      confidence: 0.5,
      view: "path",
      pattern:
        /\/(?:mappings|dump|beans|loggers|conditions|passwords?|credentials|secrets?)(?=$|[\/?;]|\.(?!(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|woff2?|ttf|mp4|pdf|md)$))/,
      why: "a name that may hold secrets, or be a page like any other",
    },
    {
      id: "script_kind",
      confidence: 0.5,
      view: "path",
      pattern: /\.(?:php\d?|aspx?|jspx?|cfm|pl|do|action|phtml|shtml|asmx|ashx|jsf|nsf)(?:\/|$)/,
      why: "a kind of script this site may not have",
    },
    {
      id: "asp",
      confidence: 0.55,
      view: "path",
      pattern:
        /\/(?:admin|login|adm|test|install|setup|config|upload|shell|cmd|db|sql|conn|backdoor|default|info|phpinfo|old|new|temp|debug|console)\w{0,10}\.(?:asp|php[345]?|jsp|cfm|pl|aspx|inc)(?:$|[.\/~])/,
      why: "a script scanners try, and some sites have",
    },
    {
      id: "probe",
      confidence: 0.86,
      view: "path",
      pattern:
        /\/(?:\[?seccheck\]?|nosuchpage|nonexist\w*|acunetix\w*|netsparker\w*|w00tw00t|muieblackcat|zmeu|hellothinkphp|think\\?app|appserv|jsonws|sftp-config|ftpsync|winscp|filezilla|recentservers|deployment-config|robots\.txt\/|index\.php\?s=|trackback\/|thumbs\.db|desktop\.ini|core$|a+a{60})/,
      why: "a scanner's probe",
    },
  ],
};
