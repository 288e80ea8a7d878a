/** Files that only an intruder asks a web app for. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

const CONFIG =
  /(?:^|[\/\s"'=(:;|&`<>])\/?etc\/(?:hosts|issue|crontab|cron[.\w]{0,10}|fstab|group|hostname|motd|sudoers|profile|resolv\.conf|services|ssh|sysconfig|apache2?|httpd|nginx|mysql|php[\w.]{0,6}|my\.cnf|network|inetd|init\.d|rc\w|exports|environment|bash\w*|ftp\w*|mail\w*|ld\.so|logrotate\w*|lighttpd|proftpd|vsftpd\w*|pure-ftpd|samba|snmp|syslog\w*|openldap|redhat-release|\w{1,15}-release|[\w.-]{2,40}$|security|default|alias\w*|lilo\.conf|mtab|printcap|protocols|utmp|updatedb\.conf|webmin|wu-ftpd|termcap|timezone|pam\w*|chrootusers|debian_version|firewall|grub\w*|hosts\.\w+|modules\w*|modprobe\w*|vhcs2|psa|phpmyadmin|nsswitch|\w{1,20}\.(?:conf|cnf|cfg|ini|d)\b)/;
const STATE =
  /(?:^|[\/\s"'=(:;|&`<>.])\/?(?:proc\/(?:self|version|cpuinfo|meminfo|cmdline|mounts|net|sched|stat|\d+\/)|var\/(?:log|www|mail|run|lib|spool|adm|backups?|cache|tmp|apache\w*|cpanel|cron|mysql\.log|local\/www|webmin|htmp|nm2)(?:[\/\s]|$)|usr\/(?:local\/)?(?:apache\w*|etc|php\w*|lib\/(?:php|cron|security)|pkg\w*|ports|share\/(?:adduser|tomcat\w*|squirrel\w*)|sbin|bin\/\w|zeus|cpanel|psa|nginx|www|mysql|home|ftp|samba|spool|lsws|httpd|resin|pureftpd)|root\/(?:\.|anaconda|\w+\.)|home\/[\w.-]{1,30}\/(?:\.|public_html)|opt\/(?:lampp|xampp|apache\w*|tomcat|httpd|nginx|\w+\/conf)|boot\/(?:grub|vmlinuz)|dev\/(?:random|urandom|zero|null|stdin|fd\/|mem|shm|input)|private\/(?:etc|tmp|var)|tmp\/sess_|sys\/(?:class|devices|kernel)|lib\/terminfo|library\/webserver|applications\/(?:xampp|mamp)|volumes\/\w|web\/conf|apache\d?\/(?:conf|logs)|logs?\/(?:access|error|httpd|apache|nginx|security)[._\w\/]{0,12}(?:log|$))/;
/** People write about these files; a value without a blank that leads to one asks for it. */
const only = (pattern: RegExp) =>
  new RegExp(`^(?=\\S{1,300}\\s{0,3}$)\\S{0,300}?(?:${pattern.source})`);

export const sensitiveFile: Signal = {
  name: "sensitive_file",
  family: "lfi",
  needs: 0,
  any: TRAIT.slash | TRAIT.backslash | TRAIT.dot | TRAIT.colon | TRAIT.underscore,
  hint:
    /xampp|wamp|passw|shadow|etc|proc|win|boot|\.ini|\.conf|\.log|\.ht|wp-conf|web\.config|web-inf|meta-inf|\.ssh|id_rsa|_history|\.env|\.git|\/var\/|\/usr\/|\/root|c:|d:|sam$|inetpub|file:|\.aws|\.docker|\.kube|\/opt\/|\/home\/|\/tmp\/|\/dev\/|\/boot|\/bin\/|\/sys\/|\/lib|\/private|\/library|\/system|\/opt|\/logs?\/|apache|mysql|\.cnf|\.cfg/,
  rules: [
    {
      id: "unix_accounts",
      confidence: 0.93,
      view: "path",
      pattern:
        /\betc[\/.]{1,5}(?:\.\/)?(?:passwd|shadow|group|gshadow|master\.passwd|security\/)|\/(?:master\.passwd|passwd|shadow)(?:[\s?#&;"'|)`-]|$)/,
      why: "the accounts of the system",
    },
    {
      id: "unix_config",
      confidence: 0.7,
      view: "path",
      pattern: CONFIG,
      why: "configuration of the system",
    },
    {
      id: "only_config",
      confidence: 0.88,
      view: "path",
      pattern: only(CONFIG),
      why: "nothing but configuration of the system",
    },
    { id: "unix_state", confidence: 0.7, view: "path", pattern: STATE, why: "files of the system" },
    {
      id: "only_state",
      confidence: 0.88,
      view: "path",
      pattern: only(STATE),
      why: "nothing but a file of the system",
    },
    {
      id: "windows",
      confidence: 0.9,
      view: "path",
      pattern:
        /\b(?:boot\.ini|win\.ini|system\.ini|php\.ini|my\.(?:ini|cnf)|autoexec\.bat|win\w{2,4}\/(?:system32|win\.ini|repair|php\.ini|temp|debug|my\.ini|panther|explorer|iis)|system32\/|windows\/(?:system|win\.ini|repair|php\.ini|temp|debug|panther|iis|my\.ini|explorer|notepad|wind|ntuser)|inetpub\/|ntuser\.dat|pagefile\.sys|sysprep\.|unattend\w*\.|repair\/sam|config\/(?:sam|system|appevent|secevent|default)|ntdetect|desktop\.ini|\/logfiles?\b|inetpubwwwroot|global\.asa|machine\.config|web\.config|applicationhost\.config)|(?:^|\/)(?:xampp|wamp|lampp|appserv)\/\w/,
      why: "files of Windows",
    },
    {
      id: "windows_path",
      confidence: 0.86,
      view: "path",
      pattern:
        /(?:^|[\s"'=(\/|;&<])[c-z]:\/(?:windows|winnt|inetpub|program files|xampp|wamp\w*|apache\w*|mysql|php\w*|nginx|boot|documents and settings|progra~1|sqlserver|oracle|lampp|appserv|\w{1,20}\/(?:conf|logs?|bin|data|sam|my|php|apache)\b|\w{1,12}\.(?:ini|log|sys|bat|txt))/,
      why: "a path of Windows",
    },
    {
      id: "secrets",
      confidence: 0.88,
      view: "path",
      pattern:
        /(?:^|[\/\s"'=.:])(?:\.(?:ssh\/\w|aws\/|docker\/|kube\/|gnupg|bash_history|mysql_history|bashrc|profile$|bash_profile|netrc|npmrc|pgpass|my\.cnf|history|vnc|sh_history|zsh_history|viminfo|htpasswd|htaccess|htusers|git\/(?:config|head|index|objects|refs|logs)|svn\/(?:entries|wc)|env(?:$|\.(?!example|sample|template|dist|\w*\.?(?:ts|js))\w))|id_(?:rsa|dsa|ecdsa|ed25519)|authorized_keys|known_hosts|wp-config\.php|configuration\.php|config\.inc\.php|localsettings\.php|settings\.php|web-inf\/|meta-inf\/|secring|access_log|error_log|passwd\.(?:bak|txt|old)|database\.yml|wp-config\b)/,
      why: "secrets and configuration of the app",
    },
    {
      id: "file_url",
      confidence: 0.88,
      pattern: /(?:^|[\s"'=(@,;:])file:\/{0,4}(?:localhost|[a-z]:|\/|%|[\w.-]{1,40}\/|\.|\?)/,
      why: "a file URL",
    },
    {
      id: "own_source",
      confidence: 0.6,
      view: "path",
      pattern:
        /(?:^|\/)(?:index|config|login|admin|db|conn|connect|settings|global)\.(?:php|inc|asp|jsp)(?:\.|$)/,
      why: "source code of the app",
    },
  ],
};
