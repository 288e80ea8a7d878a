/** Filters of directories (LDAP) and paths through XML (XPath). */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const directoryFilter: Signal = {
  name: "directory_filter",
  family: "ldap",
  needs: 0,
  any: TRAIT.paren | TRAIT.star | TRAIT.bracket,
  hint:
    /\)\s{0,3}\(|\(\s{0,3}[&|!\/@.*"']|\*\s{0,3}\)|\*[()|&]|::|\/\/|\/\*|\((?:objectc|samacc|userp|member|useracc|disting|cn|uid|mail|sn|given|home|name\()|name\(|=\*|position\(|last\(/,
  rules: [
    {
      id: "close_open",
      confidence: 0.9,
      pattern:
        /[\w*]\s{0,3}\)\s{0,3}\(\s{0,3}(?:[&|!]\s{0,3}\(?|[\w-]{1,40}(?::[\w.]{1,40}:?)?\s{0,3}[~<>]?=)/,
      why: "closes a filter and opens another",
    },
    {
      id: "filter",
      confidence: 0.86,
      pattern:
        /\(\s{0,3}[&|!]\s{0,3}\(\s{0,3}[\w-]{1,40}(?::[\w.]{1,40}:?)?\s{0,3}[~<>]?=|\)\s{0,3}\(\s{0,3}[|&!]\s{0,3}[\w(]/,
      why: "a directory filter",
    },
    {
      id: "star",
      confidence: 0.84,
      pattern:
        /\*\s{0,3}\)\s{0,3}[(&|)%]|\*\)\s{0,3}\(\s{0,3}[|&]|^\*[()|&]{2,}|\)\s{0,3}\(\s{0,3}[|&]\s{0,3}\(?\s{0,3}\w{1,30}\s{0,3}=\s{0,3}\*|^\(?\w{1,20}=\*\)\(|\|\s{0,3}\(\s{0,3}\w{1,30}\s{0,3}=\s{0,3}\*/,
      why: "a wildcard that leaves its filter",
    },
    {
      id: "attribute",
      confidence: 0.82,
      pattern:
        /\((?:objectclass|samaccountname|userpassword|objectcategory|memberof|useraccountcontrol|distinguishedname)\s{0,3}(?::[\w.]{1,40}:?)?[~<>]?=\s{0,3}[\w*]|\((?:cn|uid|mail|sn|givenname|homedirectory)\s{0,3}[~<>]?=\s{0,3}\w{0,20}\*/,
      why: "an attribute of a directory",
    },
    {
      id: "xpath_axis",
      confidence: 0.88,
      pattern:
        /\b(?:child|parent|ancestor|descendant|following|preceding|self|attribute)(?:-or-self|-sibling)?::(?=[\w*@])|(?:^|[^:\/])\/\/(?:\*|node\(\)|text\(\)|@\*|comment\(\))|(?:^|[^:\/])\/\/\w{1,20}\s{0,3}(?:\[|\|)|\/\*\[|\]\s{0,3}\|\s{0,3}\/\//,
      why: "a path through XML",
    },
    {
      id: "xpath_call",
      confidence: 0.86,
      pattern:
        /\b(?:count|name|string-length|substring|position|last|local-name|starts-with|contains|normalize-space|doc|doc-available|unparsed-text|string|system-property)\s{0,3}\(\s{0,3}(?:\/[\w\/*@]|@[\w*]|\.\s{0,3}[,)\/]|name\(|'https?:|"https?:|\)\s{0,3}(?:=|or\b|and\b|\]))/,
      why: "a function of XPath",
    },
  ],
};
