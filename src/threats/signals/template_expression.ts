/** Expressions of template engines that reach beyond the template, or probe for one. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const templateExpression: Signal = {
  name: "template_expression",
  family: "ssti",
  needs: 0,
  any: TRAIT.brace | TRAIT.angle | TRAIT.bracket | TRAIT.hash | TRAIT.at | TRAIT.dollar,
  hint:
    /\{\{|\$\{|#\{|\*\{|%\{|~\{|\{%|<%|\[\[|\[#|<#|__|@\(|\{php|\{#|#set|#foreach|\$\w{1,20}\.|\{system|\{if|@\{|\{\w{1,20}\(|\{\$|\$class|\{\d/,
  rules: [
    {
      id: "arithmetic",
      confidence: 0.9,
      pattern:
        /(?:\{\{|\$\{|#\{|\*\{|%\{|@\{|~\{|<%=?|\[\[|@\(|\{%|\$\{\{|\{=|\{@|\{#|\{\$)[\s=\-(]{0,6}\(?['"]?\d{1,9}['"]?\s{0,4}[*+\-\/%^]\s{0,4}['"]?\d{1,9}['"]?/,
      why: "arithmetic as a probe",
    },
    {
      id: "reflection",
      confidence: 0.94,
      pattern:
        /\.?__(?:class|mro|base|bases|subclasses|globals|builtins|init|import|getattribute|dict|self|reduce|code|parent|nsattr)\w{0,3}__?|_(?:templatereference|moduleloader|nsattr)__|\battr\s{0,3}\(\s{0,3}['"(]|\|\s{0,3}attr\b|\.mro\s{0,3}\(|\bsubclasses\s{0,3}\(/,
      why: "reflection of Python",
    },
    {
      id: "known_object",
      confidence: 0.9,
      pattern:
        /(?:\{\{|\$\{|#\{|\{%|\*\{|%\{|<%=?)[-\s]{0,5}(?:[^{}\n<]|<(?!%)){0,120}?\b(?:config(?:\.items|\.iteritems|\[|\.__|\s{0,3}\}|\.\w{2,20}\()|self(?:\._|\.\w{1,20}\.|\[)|request\.(?:application|args|environ|__|setattribute|getclass|\w{2,20}\()|cycler|lipsum|joiner|namespace\.|url_for\.|get_flashed_messages|_self\.|dump\s{0,3}\(|app\.request|settings\.secret|secret_key|os\.(?:popen|system|environ)|import\s|popen|subprocess|system\s{0,3}\(|passthru\s{0,3}\(|exec\s{0,3}\(|eval\s{0,3}\(|file_get_contents|file_excerpt|constructor|process\.|require\s{0,3}\(|global\.|runtime|getclass|forname|t\s{0,2}\(\s{0,3}java|new\s{1,3}java|application\b\s{0,3}[.\[]|session\b\s{0,3}[.\[]|param\.\w|header\.|cookie\.|initparam|pagecontext|servletcontext|beans?\.|debug\b|iteritems|map\s{0,3}\(\s{0,3}['"]|filter\s{0,3}\(\s{0,3}['"]|sort\s{0,3}\(\s{0,3}['"]|reduce\s{0,3}\(\s{0,3}['"]|range\s{0,3}\(|include\s{0,3}\(|'\.?\s{0,3}\*|open\s{0,3}\()/,
      why: "an object a template should not reach",
    },
    {
      id: "java",
      confidence: 0.93,
      pattern:
        /\bfreemarker\.template\b|\?\s{0,3}new\s{0,3}\(\s{0,3}\)|<#assign\b|\[#assign\b|#set\s{0,3}\(\s{0,3}\$|\bt\s{0,2}\(\s{0,3}java\.|\$class\.inspect|\$\w{1,20}\.(?:getclass|class\.)|\*\{\s{0,3}t\(|__\$\{|\b(?:getclass|forname|getdeclared\w+|getmethod)\s{0,3}\(|\.class\.(?:getresource|getclassloader|protectiondomain|forname)|#(?:application|session|request|parameters|attr|context)\b\s{0,3}[.\[]|product\.getclass/,
      why: "template engines of Java",
    },
    {
      id: "smarty",
      confidence: 0.9,
      pattern:
        /\{(?:php|literal)\}|\{\/php\}|\{smarty\b|\{\$smarty\.|\{(?:system|exec|passthru|shell_exec|phpinfo|fetch|include|eval|math)\s{0,3}[\s(]|\{if\s[^}(]{0,44}\(|\{self::|\{\{\s{0,3}\[|\{var\s/,
      why: "template engines of PHP",
    },
    {
      id: "tag_code",
      confidence: 0.88,
      pattern:
        /<%[=!@-]?\s{0,5}(?:[^%\s]{0,60}(?:system|exec|file|dir|io|require|open|eval|runtime|request|out\.print|response|foobar|process|session)\b|\d{1,8}\s{0,3}[*+]\s{0,3}\d|`|out\.|page\b|import\b|\w{1,20}\s{0,3}\()/,
      why: "a template tag with code",
    },
    {
      id: "angular",
      confidence: 0.9,
      pattern:
        /\{\{[^{}]{0,200}(?:\.constructor|\[['"]constructor|\$eval|\$on\b|\$new|\$parent|toString\(\)|\.prototype|alert\s{0,3}\(|x\s{0,3}=\s{0,3}['{])/,
      why: "escapes the sandbox of a client template",
    },
    {
      id: "directive",
      confidence: 0.84,
      pattern:
        /\{%\s{0,5}(?:for\b[^%]{0,80}(?:config|__|subclass|range|request|self)|import\b|include\s{1,5}['"]?\/|debug\b|load\b|extends\s|raw\b[^]{0,40}\{\{|set\b[^%]{0,60}(?:__|\(|\[)|if\b[^%]{0,60}(?:__|\(|request|config)|with\b|csrf_token)|\{\{\s{0,3}(?:this|self|app|_self|config|settings|request|dump|session|messages|form)\s{0,3}(?:\}\}|\|)/,
      why: "a directive or object of a template engine",
    },
    {
      id: "razor",
      confidence: 0.88,
      pattern:
        /@\(\s{0,3}\d{1,6}\s{0,3}[+*]|@\{\s{0,5}(?:\/\/|var\b|system\.|int\b|code)|@system\.|@\(\s{0,3}system\.|@\w{1,20}\.getenv/,
      why: "Razor",
    },
    {
      id: "probe",
      confidence: 0.86,
      pattern:
        /\$\{\{<%\[%'"\}\}%\\|\{\{['"][^'"}]{0,30}['"]\s{0,3}(?:\||\.|\*|%)|#\{\s{0,3}\w{1,20}\s{0,3}\*\s{0,3}\w|\{\{\s{0,3}\w{1,20}\s{0,3}\*\s{0,3}\w{1,20}\s{0,3}\}\}|#\{\s{0,3}(?:`|global|root|system|file|dir|io|require|%x|exec|process|function)/,
      why: "a probe for template engines",
    },
    {
      id: "mustache_call",
      confidence: 0.83,
      pattern:
        /\{\{[^{}\n]{0,120}(?:\w\s{0,2}\([^{}\n]{0,200}\)|\|\s{0,3}\w{2,20}\s{0,3}[(|}][^{}\n]{0,80}|\[\s{0,3}['"\d][^{}\n]{0,60}\]|\.\w{1,30}\.\w{1,30}\.\w)/,
      why: "a call or filter inside an expression",
    },
    {
      id: "embedded_ruby",
      confidence: 0.82,
      pattern:
        /<%=?\s{0,3}[\w@:'"(\[][^%<>\n.(\[`'"*+]{0,60}[.(\[`'"*+][^%<>\n]{0,200}%>|#\{\s{0,3}[^{}\s.(\[`*'"]{0,40}[.(\[`*'"][^{}\n]{0,200}\}/,
      why: "code inside a template tag",
    },
    {
      id: "tag",
      confidence: 0.5,
      pattern: /\{%-?\s{0,3}\w{2,20}\b[^%\n]{0,100}-?%\}/,
      why: "a tag of a template engine",
    },
    {
      id: "call",
      confidence: 0.82,
      pattern:
        /(?:\$\{|#\{|\*\{|%\{)\s{0,3}[\w.#@\[\]'"]{1,80}\s{0,3}\(\s{0,3}(?:['"#@)]|\d|[\w.]{1,40}\()[^{}]{0,200}(?:\}|$)/,
      why: "a call inside an expression",
    },
  ],
};
