/** Code, wrappers and serialised objects of PHP. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const phpCode: Signal = {
  name: "php_code",
  family: "php",
  needs: 0,
  any: TRAIT.paren | TRAIT.dollar | TRAIT.colon | TRAIT.angle | TRAIT.underscore | TRAIT.equals |
    TRAIT.tick | TRAIT.bracket | TRAIT.backslash | TRAIT.dash,
  hint:
    /call_user|shell_exec|invokef|think|<\?|:\/\/|\$_|\$\{|\(|[oac]:\d|php|globals|_server|_env|_request|auto_|allow_url|`/,
  rules: [
    {
      id: "open_tag",
      confidence: 0.93,
      pattern:
        /<\?(?:php\b|=|\s{1,3}(?:echo|system|passthru|exec|eval|include|print|\$|phpinfo|shell))/,
      why: "PHP code",
    },
    {
      id: "wrapper",
      confidence: 0.93,
      pattern:
        /(?:^|[\s"'=(\/:,])(?:php:\/\/(?:filter|input|stdin|memory|temp|output|fd)|phar:\/\/|expect:\/\/|zip:\/\/|compress\.(?:zlib|bzip2):\/\/|zlib:|glob:\/\/|ogg:\/\/|rar:\/\/|ssh2(?:\.\w+)?:\/\/|data:(?:\/\/)?text\/plain[;,]|data:\/\/)/,
      why: "a stream wrapper",
    },
    {
      id: "superglobal",
      confidence: 0.86,
      pattern:
        /\$_(?:get|post|request|server|cookie|files|session|env)\b\s{0,3}(?:\[|\{|;|\))|\$globals\b|^(?:globals|_(?:server|env|request|get|post|cookie|session|files))\s{0,3}\[|\$\{\s{0,3}(?:_get|_post|@?(?:print|eval|system|phpinfo)\s{0,3}\()/,
      why: "a superglobal",
    },
    {
      id: "function",
      confidence: 0.88,
      pattern:
        /(?:^|[^\w.>$])@?(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|assert|eval|exec|create_function|call_user_func(?:_array)?|array_map|array_filter|usort|preg_replace|file_get_contents|file_put_contents|fopen|readfile|highlight_file|show_source|phpinfo|phpversion|base64_decode|gzinflate|gzuncompress|str_rot13|unserialize|move_uploaded_file|ini_set|dl|putenv|mail|curl_exec|register_shutdown_function|include(?:_once)?|require(?:_once)?|print_r|var_dump|getenv|get_defined_vars|scandir|chmod|unlink|fwrite|parse_str|extract|die)\s{0,3}\(\s{0,3}(?:['"$@]|\)|base64_decode|chr\(|hex2bin|current\(|next\(|end\(|getallheaders|array|[a-z_0-9]{1,30}\)\s{0,3};|implode|urldecode|str_|strrev|file_|shell|md5\(|__file__)/,
      why: "a call to a function of PHP",
    },
    {
      id: "function_name",
      confidence: 0.84,
      pattern:
        /^\s{0,3}(?:call_user_func(?:_array)?|shell_exec|proc_open|create_function)\s{0,3}$|\binvokefunction\b|\bthink\\app\b/,
      why: "the name of a function of PHP",
    },
    {
      id: "include",
      confidence: 0.86,
      pattern: /\b(?:include|require)(?:_once)?\s{1,5}(?:\$_|['"](?:https?|ftp|php|data|\/|\.\.))/,
      why: "includes a file",
    },
    {
      id: "object",
      confidence: 0.92,
      pattern:
        /(?:^|[;{:"'=\s|])(?:o:\+?\d{1,4}:"[\w\\]{1,80}":\d{1,4}:\{|c:\d{1,4}:"[\w\\]{1,80}":\d{1,6}:\{|a:\d{1,4}:\{(?:i|s):\d{1,6}[:;][^}]{0,200}[oc]:\d)/,
      why: "a serialised object",
    },
    { id: "array", confidence: 0.6, pattern: /^a:\d{1,4}:\{(?:i|s):\d/, why: "a serialised array" },
    {
      id: "setting",
      confidence: 0.9,
      pattern:
        /\b(?:allow_url_(?:include|fopen)|auto_(?:prepend|append)_file|disable_functions|open_basedir|safe_mode|suhosin\.simulation)\s{0,3}=|-d\s{0,3}(?:allow_url|auto_prepend|safe_mode)|^-[sd]$/,
      why: "a setting of PHP",
    },
    {
      id: "variable_code",
      confidence: 0.84,
      pattern:
        /\$[a-z_]\w{0,20}\s{0,3}=\s{0,3}(?:\$_(?:get|post|request)|['"][^'"]{0,40}['"]\s{0,3};\s{0,3}\$|create_function|str_replace\()|\$\w{1,20}\s{0,3}\(\s{0,3}\$_|`\s{0,3}\$_(?:get|post|request)|\bnew\s{1,3}(?:splfileobject|directoryiterator|reflectionfunction|simplexmlelement|imagick|soapclient)\b|\bphp_uname\b|;\s{0,3}(?:phpinfo|phpversion|die|print|echo)\s{0,3}\(|\bchr\(\d{1,3}\)\s{0,3}\.\s{0,3}chr\(/,
      why: "code of PHP",
    },
  ],
};
