/** Look-ups, classes and serialised objects of Java. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const javaObject: Signal = {
  name: "java_object",
  family: "java",
  needs: 0,
  any: TRAIT.dollar | TRAIT.dot | TRAIT.percent | TRAIT.bang | TRAIT.hash | TRAIT.at | TRAIT.paren |
    TRAIT.brace | TRAIT.digit | TRAIT.wide,
  hint:
    /#|freemarker|\$\{|java|runtime|ro0ab|aced0005|process|class|%\{|ognl|!!|xstream|org\.|com\.|sun\.|scriptengine|h4siaa/,
  rules: [
    {
      id: "jndi",
      confidence: 0.97,
      pattern:
        /\$\{\s{0,5}jndi\s{0,3}[:$]|\$\{[^{}]{0,40}\$\{[^{}:]{0,40}:[^{}]{0,20}\}|\$\{(?:lower|upper|env|sys|java|ctx|main|dns|docker|k8s|web|bundle|date|map|sd|log4j|spring|marker|event|base64|\s?::-)\s{0,3}[:\w]|\$\{\s{0,3}\w{0,10}:\w{0,20}:?-\w|jndi:(?:ldaps?|rmi|dns|iiop|corba|nis|nds|http)|\$\{[^{}]{0,20}:-?[^{}]{0,10}\}[^{}]{0,40}(?:ldap|rmi|dns|ndi)/,
      why: "a look-up through JNDI",
    },
    {
      id: "runtime",
      confidence: 0.92,
      pattern:
        /\bjava\.(?:lang\.(?:runtime|processbuilder|class|system|reflect|thread|character|string|object)|io\.(?:file|buffered|inputstream|reader)|util\.(?:scanner|arraylist|hashset|hashmap|priorityqueue)|net\.(?:url|socket)|beans\.|nio\.file|rmi\.|security\.)|\bgetruntime\s{0,3}\(|\bprocessbuilder\b|\bjavax\.(?:script|naming|management|el)\b|\bscriptenginemanager\b|\bgetenginebyname\b/,
      why: "classes that start programs",
    },
    {
      id: "loader",
      confidence: 0.92,
      pattern:
        /\bclass(?:\.|\[['"]?)module\b|\bclass\.classloader\b|\bclassloader\.(?:resources|url|defineclass)|\.protectiondomain\b|\burlclassloader\b/,
      why: "reaches the class loader",
    },
    {
      id: "gadget",
      confidence: 0.92,
      pattern:
        /\b(?:org\.apache\.(?:commons\.(?:collections|beanutils|fileupload|io|configuration|dbcp)|xalan|tomcat\.dbcp|struts\d?|catalina|velocity|wicket|shiro|myfaces|ibatis|openjpa)|org\.(?:codehaus\.groovy|springframework|hibernate|mozilla\.javascript|jboss|python\.core|yaml\.snakeyaml|h2\.driver)|com\.(?:sun\.(?:rowset|org\.apache|jndi|syndication|script)|mchange|fasterxml\.jackson|opensymphony|zaxxer|alibaba|caucho|rometools|vaadin|thoughtworks|ibatis|tangosol|bea\.core)|sun\.(?:misc|reflect|rmi)|ysoserial|jdk\.nashorn|bsh\.interpreter|groovy\.(?:lang|util))\.?\w/,
      why: "a class known from attacks",
    },
    {
      id: "serialised",
      confidence: 0.93,
      pattern: /(?:^|[\s"'=:,])(?:ro0ab[a-z]|aced0005|h4siaaaaaaa[\w\/+]{20})|^\u00ac\u00ed/,
      why: "a serialised object",
    },
    {
      id: "ognl",
      confidence: 0.92,
      pattern:
        /[%$#]\{\s{0,3}\(?\s{0,3}[#'"@(][^{}]{0,200}?[=@(.]|@(?:java|ognl|org|com)\.[\w.]{3,60}@|#_memberaccess|#context\b|#(?:rt|cmd|dm|ognlutil|container|res|iswin|cmds)\s{0,3}[=.]|\ballowstaticmethodaccess\b|\bmethod:\S{0,5}#|\bredirect(?:action)?:[$%]\{/,
      why: "OGNL",
    },
    {
      id: "yaml",
      confidence: 0.9,
      pattern:
        /!!(?:javax?|com|org|python|ruby|net|sun)[.\/]|!ruby\/object|!!python\/object|!!map\s|---\s{0,5}!ruby/,
      why: "an object in YAML",
    },
    {
      id: "start",
      confidence: 0.84,
      pattern:
        /\.exec\s{0,3}\(\s{0,3}(?:['"]|new\s|string|t\()|\bnew\s{1,3}(?:java|javax|sun|com|org)\.[\w.]{3,60}\s{0,3}\(|\.(?:getclass|newinstance|getmethod|invoke|forname|getdeclaredconstructor)\s{0,3}\(/,
      why: "starts a program by reflection",
    },
  ],
};
