/** Script outside markup: calls, properties and URLs that only injected script would have. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const xssScript: Signal = {
  name: "xss_script",
  family: "xss",
  needs: 0,
  any: TRAIT.paren | TRAIT.tick | TRAIT.equals | TRAIT.colon | TRAIT.bracket | TRAIT.dot |
    TRAIT.brace | TRAIT.angle | TRAIT.percent,
  hint:
    /data:|script|alert|prompt|confirm|document|window|eval|cookie|fromcharcode|location|constructor|expression|atob|settimeout|setinterval|innerhtml|write|throw|top\[|self\[|this\[|parent\[|frames\[|globalthis|import|fetch|xmlhttp|moz-binding|-->|url\(|\[\]\[|\+\[\]|\(!\[\]|xlink|allowscript|on\w{4,12}=|function|=>|%00|reflect|datasrc|behavi|`|[ux]ss/,
  rules: [
    {
      id: "script_url",
      confidence: 0.9,
      view: "html",
      pattern:
        /(?:^|[\s"'`=(:;,\/>&|?\\])(?:javascript|vbscript|livescript)\s{0,5}:(?:[^\s]{0,60}[(=`\[;\/%&<'"]|\s[^\n]{0,64}?\w[(`])/,
      why: "a script URL",
    },
    {
      id: "data_url",
      confidence: 0.9,
      view: "html",
      pattern:
        /data:\s{0,3}(?:text\/html|text\/javascript|text\/xml|application\/xhtml|application\/javascript)[^\s,]{0,30},/,
      why: "a data URL with a document",
    },
    {
      id: "dialog",
      confidence: 0.88,
      pattern:
        /(?:^|[^\w])(?:alert|prompt|confirm|print)\s{0,5}(?:\(\s{0,5}(?:\d|['"`\/]|document|window|location|origin|string|this|self|xss|x\b|\)|cookie)|`|\.(?:call|apply|bind|source)|\?\.)/,
      why: "a call to alert, prompt or confirm",
    },
    {
      id: "dialog_ref",
      confidence: 0.86,
      pattern:
        /(?:=|\(|\[|:|,|;|throw|onerror)\s{0,5}(?:window\s{0,3}[.\[]\s{0,3}['"]?|self\s{0,3}\[\s{0,3}['"]|top\s{0,3}\[\s{0,3}['"]?|parent\s{0,3}\[\s{0,3}['"]?|this\s{0,3}\[\s{0,3}['"])?(?:al(?:er)?t|prompt|confirm|eval)\s{0,3}(?:[;,)]|['"]\s{0,3}[\])]|$)/,
      why: "a reference to alert or eval",
    },
    {
      id: "document",
      confidence: 0.85,
      pattern:
        /\bdocument\s{0,3}(?:\.|\[\s{0,3}['"]?)\s{0,3}(?:cookie|write(?:ln)?|domain|location|body|url|documenturi|referrer|getelement|createelement|queryselector|forms|scripts|head|vulnerable|execcommand|all\b|documentelement|title\s{0,3}=|defaultview)\w{0,20}(?=\s{0,3}(?:[^\w\s]|$))/,
      why: "reads or writes the page",
    },
    {
      id: "window",
      confidence: 0.82,
      pattern:
        /\b(?:window|self|top|parent|frames|globalthis|this)\s{0,3}(?:\[\s{0,3}(?:['"`\/(+!~]|[a-z]{1,9}\s{0,3}[=+(])|\.\s{0,3}(?:location|eval|name\s{0,3}[=)]|open\s{0,3}\(|document|onerror|alert|execscript|settimeout|atob))/,
      why: "reaches for the window",
    },
    {
      id: "eval",
      confidence: 0.84,
      pattern:
        /(?:^|[^\w.$])(?:eval|execscript|settimeout|setinterval|setimmediate)\s{0,5}\(\s{0,5}(?:['"`\/\\]|atob|unescape|decodeuri|string|name|location|document|window|this|alert|\+|!|~|\[|new\b|top|self|hash|eval|parseint|[a-z]{1,2}\s{0,3}[+.)])/,
      why: "evaluates text as code",
    },
    {
      id: "function",
      confidence: 0.84,
      pattern:
        /(?:\bnew\s{1,3}|[^\w.$])function\s{0,5}\(\s{0,5}['"`\/]|\)\s{0,3}\(\s{0,3}\)\s{0,3}(?:;|$)[^]{0,5}(?:\/\/|<|$)/,
      why: "builds or runs a function",
    },
    {
      id: "char_code",
      confidence: 0.86,
      pattern:
        /(?:string\s{0,3}\.\s{0,3}fromc(?:har|odepoint)|fromcharcode)\w{0,6}\s{0,5}[(.]|\bunescape\s{0,5}\(|\batob\s{0,5}[(`]/,
      why: "a string spelled in codes",
    },
    {
      id: "location",
      confidence: 0.84,
      pattern:
        /\blocation\s{0,5}(?:=\s{0,5}(?:['"`\/\\]|name|javascript|atob|window|document|unescape|hash|[a-z]{1,8}\s{0,3}[+.(])|\.(?:href|hash|search|assign|replace)\s{0,5}(?:[=(]|\.))|\blocation\[\s{0,3}['"]/,
      why: "sends the page elsewhere",
    },
    {
      id: "constructor",
      confidence: 0.9,
      pattern:
        /(?:\bconstructor|\['constructor'\]|\["constructor"\])\s{0,5}(?:\.\s{0,3}constructor|\[|\(\s{0,5}['"`\/])|\[\]\s{0,3}(?:\[|\.)\s{0,3}['"`]?(?:constructor|sort|filter|map|find|flat|entries|at)\b|\breflect\.\w+\s{0,3}\(/,
      why: "builds a function",
    },
    {
      id: "symbols",
      confidence: 0.88,
      pattern:
        /(?:[!+~]\[\]|\[\]\[|\(!\[\]|\$=~|\{\}\)\[|_=~|\+\{\}){1}[\[\]()!+~{}$_.'",:;=\s]{8,}/,
      why: "script written in symbols",
    },
    {
      id: "style_code",
      confidence: 0.86,
      view: "html",
      pattern:
        /\bexpression\s{0,5}\(\s{0,5}(?:alert|eval|document|window|write|open|prompt|this|[a-z]{1,12}\s{0,3}[=(.])|-moz-binding\s{0,5}:|\bbehaviou?r\s{0,5}:\s{0,5}url|url\s{0,3}\(\s{0,3}["'\\]{0,3}\s{0,3}(?:javascript|data:text|vbscript)/,
      why: "a style that runs code",
    },
    {
      id: "breakout",
      confidence: 0.86,
      pattern:
        /['"`\\]\s{0,5}[)\]};,+\-*&|^]{1,5}\s{0,5}(?:alert|prompt|confirm|eval|document|window|location|top|self|function|new\s|fetch|import|atob|\$\.|throw|console|write)\b\s{0,5}[(.\[`={]/,
      why: "ends a string in a script and goes on",
    },
    {
      id: "throw",
      confidence: 0.86,
      pattern:
        /\bonerror\s{0,5}=\s{0,5}\w{2,20}\s{0,5}[;,}]|\bthrow\s{0,5}(?:\/|['"`]|onerror|\{|\w{1,12}\s{0,3},)[^]{0,20}(?:alert|onerror|xss|eval|\d)/,
      why: "calls by throwing",
    },
    {
      id: "template_call",
      confidence: 0.82,
      pattern:
        /\b(?:alert|prompt|confirm|eval|settimeout)\s{0,3}`[^`]{0,80}`?|\$\{\s{0,3}(?:alert|confirm|prompt|eval|document|window|self|top|this\[)\b/,
      why: "a call through a template string",
    },
    {
      id: "remote",
      confidence: 0.82,
      pattern:
        /\bimport\s{0,3}\(\s{0,3}['"`]?(?:\/\/|https?:|data:|\\)|\$\.getscript\s{0,3}\(|\b(?:fetch|open|sendbeacon)\s{0,3}\(\s{0,3}['"`](?:https?:)?\/\/[^)]{0,80}(?:cookie|localstorage|document)|\bnew\s{1,3}image\b[^]{0,20}\.src\s{0,3}=/,
      why: "loads or sends to another host",
    },
    {
      id: "cookie",
      confidence: 0.6,
      pattern:
        /\bcookie\s{0,3}(?:[);+]|\.|$)|\blocalstorage\s{0,3}[.\[]|\bsessionstorage\s{0,3}[.\[]/,
      why: "reads cookies or storage",
    },
    {
      id: "write_markup",
      confidence: 0.85,
      pattern:
        /\b(?:innerhtml|outerhtml|insertadjacenthtml)\s{0,5}[=(]|\bwrite(?:ln)?\s{0,3}\(\s{0,3}['"`]?\s{0,3}(?:<|\\|string|unescape|atob)/,
      why: "writes markup",
    },
  ],
};
