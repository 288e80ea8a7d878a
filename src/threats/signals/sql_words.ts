/** Names that belong to databases' insides, and idioms of injection that need no grammar. */
import type { Signal } from "../signal.ts";

export const sqlWords: Signal = {
  name: "sql_words",
  family: "sqli",
  needs: 0,
  hint:
    /infile|shutdown|[\u2018\u2019\u201c\u201d]|schema|master|mysql|sys|pg_|sqlite|@@|xp_|sp_|outfile|dumpfile|waitfor|utl_|dbms_|ctxsys|load_file|benchmark|sleep|extractvalue|updatexml|having|\/\*|0x[0-9a-f]{6}|concat|rdb\$|openrowset|char\(|chr\(|analyse|delay|union|select|declare|exec|domain\.|order|randomblob|autonomous|password|group_/,
  rules: [
    {
      id: "catalog",
      confidence: 0.82,
      pattern:
        /\b(?:information_schema\s{0,3}[.`]|sysobjects|syscolumns|sysibm\.|sqlite_master|pg_catalog|pg_shadow|pg_user|all_tab_columns|all_tables|user_tables|user_tab_columns|mysql\.user|sys\.(?:databases|objects|tables|user\$|all_)|master\.\.|msysaccessobjects|rdb\$\w|dba_users|v\$version|syslogins|sysusers|sys\.fn_\w)/,
      why: "tables of the database itself",
    },
    {
      id: "server_variable",
      confidence: 0.82,
      pattern:
        /@@(?:version|servername|hostname|datadir|basedir|global|session|language|identity|spid|tmpdir|version_\w+|microsoftversion|char\w+)/,
      why: "a server variable",
    },
    {
      id: "procedure",
      confidence: 0.93,
      pattern:
        /\b(?:xp_(?:cmdshell|regread|regwrite|dirtree|fileexist|servicecontrol|availablemedia|ntsec\w*|enumdsn|loginconfig|terminate_process|reg\w+)|sp_(?:executesql|oacreate|oamethod|configure|password|addextendedproc|makewebtask|adduser|addsrvrolemember|who|help\w*|addlogin))\b/,
      why: "a stored procedure of the server",
    },
    {
      id: "file",
      confidence: 0.93,
      pattern:
        /\binto\s{1,20}(?:out|dump)file\s{0,20}(?:['"(0]|\w{1,20}\()|\bload_file\s{0,9}\(|\bload\s{1,9}data\s{1,9}(?:local\s{1,9})?infile/,
      why: "reads or writes files",
    },
    {
      id: "wait",
      confidence: 0.92,
      pattern:
        /\bwaitfor\s{1,20}(?:delay|time)\s{0,20}['"(@n]|\bpg_sleep\s{0,9}\(|\bbenchmark\s{0,9}\(\s{0,9}\d{3,}|\bdbms_(?:lock|pipe|session)\.\w+\s{0,9}\(|\brandomblob\(\s{0,9}\d{6,}/,
      why: "waits to measure an answer",
    },
    {
      id: "error",
      confidence: 0.9,
      pattern:
        /\b(?:extractvalue|updatexml)\s{0,9}\(|\butl_(?:inaddr|http|file|smtp)\b|\bdbms_(?:utility|xmlgen|xmlquery|java|scheduler|export|cdc_\w+)\b|\bctxsys\.|\bprocedure\s{1,9}analyse\b|\bhttpuritype\s{0,9}\(|\bopenrowset\s{0,9}\(/,
      why: "leaks through an error",
    },
    {
      id: "executable_comment",
      confidence: 0.88,
      pattern: /\/\*!\d{0,6}\s{0,5}(?:\w|$)/,
      why: "a comment that MySQL executes",
    },
    {
      id: "comment_as_blank",
      confidence: 0.84,
      pattern:
        /\b(?:union|select|from|where|and|or|null|all|as|order|by|like|insert|into)\/\*[^*]{0,40}\*\/|\/\*[^*]{0,40}\*\/(?:union|select|from|where|and|or|null|all|order|like|insert|into)\b|\w\/\*\*\/\w/,
      why: "a comment in the place of a blank",
    },
    {
      id: "typographic",
      confidence: 0.86,
      pattern:
        /[\u2018\u2019\u201c\u201d]\s{0,3}\)?\s{0,3}(?:or|and)\s{1,3}\(?\s{0,3}(?:[\u2018\u2019\u201c\u201d]\s{0,3}\w{0,9}\s{0,3}[\u2018\u2019\u201c\u201d]\s{0,3}=|\d+\s{0,3}=\s{0,3}\d)/,
      why: "a condition in typographic quotes",
    },
    {
      id: "hex_string",
      confidence: 0.6,
      pattern: /[(,=\s|+]0x[0-9a-f]{6,}/,
      why: "a string written in hex",
    },
    {
      id: "char_chain",
      confidence: 0.91,
      pattern:
        /\bcha?r\s{0,3}\(\s{0,3}\d{1,3}\s{0,3}\)\s{0,3}(?:\|\||\+|&|,)\s{0,3}cha?r\s{0,3}\(|\bcha?r\s{0,3}\((?:\s{0,3}\d{1,3}\s{0,3},){2}/,
      why: "a string spelled in character codes",
    },
    {
      id: "concat_hex",
      confidence: 0.88,
      pattern:
        /\b(?:group_)?concat(?:_ws)?\s{0,5}\([^()]{0,60}(?:0x[0-9a-f]{2}|char\(|\b(?:user|version|database|password|passwd|login|username|table_name|column_name)\b)/,
      why: "joins columns into one",
    },
    {
      id: "declare",
      confidence: 0.9,
      pattern:
        /\bdeclare\s{1,9}@\w{1,40}\s{1,9}(?:as\s{1,9})?(?:n?var|n?char|int|table|cursor|bit)|\bexec(?:ute)?\s{0,9}\(\s{0,9}(?:@|'|char|0x)|;\s{0,9}shutdown\b|\bexec(?:ute)?\s{1,9}(?:immediate|master|sp_|xp_|\(\s{0,5}@|@\w)/,
      why: "builds a statement at run time",
    },
    {
      id: "union",
      confidence: 0.9,
      pattern:
        /\bunion\s{0,9}(?:all\s{0,9}|distinct\s{0,9})?\(?\s{0,9}select\s{0,9}(?:null|@|\d|char|concat|cha?r\(|'|"|top\s|user\(|\*|load_)/,
      why: "UNION SELECT",
    },
    {
      id: "union_glued",
      confidence: 0.9,
      pattern:
        /\bunion(?:all|distinct)?select\w{0,20}[\d(,'"]|\bselectchar\(|\bunion(?=[^\w\s]|\s{1,9}[^\w\s])\W{1,30}(?:all\W{1,20})?select\b/,
      why: "UNION SELECT with unusual blanks",
    },
    {
      id: "having",
      confidence: 0.88,
      pattern:
        /\bhaving\s{1,9}(\d{1,6})\s{0,5}=\s{0,5}\d|\border\s{1,9}by\s{1,9}\d{1,4}\s{0,3}(?:--|#|\/\*)/,
      why: "HAVING 1=1 or ORDER BY n",
    },
    {
      id: "tautology",
      confidence: 0.9,
      pattern: /\b(?:or|and)\s+(\d{1,8})\s*=\s*\1\b(?!\s{0,3}[a-z])/,
      why: "a condition that is always true",
    },
    {
      id: "from_users",
      confidence: 0.84,
      pattern:
        /\bselect\s{1,9}[^;\s][^;]{0,80}\bfrom\s{1,9}(?:\w{0,20}\.)?(?:\w{0,16}_)?(?:users?|admins?|members?|accounts?|passwords?|credentials?|customers?|dual|logins?|credit_?cards?)\b\s{0,9}(?:where|limit|--|#|;|\)|\/\*|$|union|order)/,
      why: "SELECT from a table of users",
    },
  ],
};
