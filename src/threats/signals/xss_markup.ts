/** Markup that runs script: tags, event handlers, script URLs, styles that load code. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const xssMarkup: Signal = {
  name: "xss_markup",
  family: "xss",
  needs: TRAIT.angle,
  rules: [
    {
      id: "script",
      confidence: 0.95,
      pattern: /<\/?[\s\/]{0,10}(?:\w{1,10}:)?script(?=[\s\/>:;,"'`+(^<]|$)/,
      why: "a script element",
    },
    {
      id: "script_loose",
      confidence: 0.88,
      view: "html",
      pattern: /<[\s\/"'`=+%]{0,10}script\b|<scr(?:ipt)?<|<s\s?c\s?r\s?i\s?p\s?t/,
      why: "a script element, disguised",
    },
    {
      id: "handler",
      confidence: 0.95,
      pattern: /<[a-z!?\/%][^<>]{0,400}?[\s\/"'`;&+]on[a-z]{3,25}\s{0,9}=/,
      why: "an element with an event handler",
    },
    {
      id: "handler_far",
      confidence: 0.92,
      pattern:
        /<[a-z][a-z0-9:-]{0,20}[\s\/][^<]{0,200}?[\s\/"'`>]on[a-z]{3,25}\s{0,9}=\s{0,9}["'`]?\s{0,9}[\w.$\[]{1,40}\s{0,5}(?:[(=`;,&]|\.)/,
      why: "an element with an event handler",
    },
    {
      id: "handler_any_tag",
      confidence: 0.9,
      view: "html",
      pattern:
        /<[^\s<>][^<>]{0,200}on(?:error|load|click|focus\w*|mouse\w{2,6}|key\w{2,5}|toggle|begin|end|start|blur|input|change|pointer\w{2,8}|animation\w{3,9}|transition\w{3,6}|drag\w{0,6}|copy|cut|paste|scroll\w{0,3}|submit|select|wheel|touch\w{2,6}|finish|resize|hashchange|message|page\w{4}|popstate|unload|before\w{3,12}|canplay\w{0,8}|propertychange|readystatechange)\s{0,5}=/,
      why: "an event handler in broken markup",
    },
    {
      id: "script_url",
      confidence: 0.95,
      view: "html",
      pattern:
        /<[^<>]{1,400}?=\s{0,9}["'`]?\s{0,9}(?:(?:view-source:)?j\s{0,3}a\s{0,3}v\s{0,3}a\s{0,3}s\s{0,3}c\s{0,3}r\s{0,3}i\s{0,3}p\s{0,3}t\s{0,3}:|vbscript:|livescript:|mocha:|data:text\/(?:html|xml|javascript)|data:application\/x(?:html|ml)|data:image\/svg\+xml[^"\x27>\s]{0,40},\s?(?:<|%3c)|data:[^\s,]{0,20};?base64,ph)/,
      why: "an element with a script URL",
    },
    {
      id: "frame",
      confidence: 0.86,
      pattern:
        /<(?!iframe[^<>]{0,300}src\s{0,3}=\s{0,3}["']?https:\/\/(?:www\.|player\.|open\.|w\.|docs\.|maps\.)?(?:youtube(?:-nocookie)?\.com|vimeo\.com|google\.com|spotify\.com|soundcloud\.com|loom\.com|codepen\.io|typeform\.com|calendly\.com)\/)[\s\/]{0,5}(?:iframe|frame|frameset|object|embed|applet|bgsound|ilayer|layer|xml|portal)\b[^<>]{0,200}(?:src|data|code|srcdoc|href|codebase|datasrc)\s{0,5}=/,
      why: "an element that loads a document",
    },
    {
      id: "frame_bare",
      confidence: 0.82,
      pattern:
        /<(?!iframe[^<>]{0,300}src\s{0,3}=\s{0,3}["']?https:|\/)[\s\/]{0,5}(?:iframe|object|embed|applet|bgsound|layer|ilayer|isindex|xss|frameset)[\s\/>"']/,
      why: "an element that can load a document",
    },
    {
      id: "base",
      confidence: 0.88,
      pattern:
        /<(?:base|link)\b[^<>]{0,200}href\s{0,5}=\s{0,5}["'`]?\s{0,5}(?:\/\/|https?:|javascript|data:)|<link\b[^<>]{0,100}rel\s{0,5}=\s{0,5}["']?(?:stylesheet|import)/,
      why: "changes the base or style of the page",
    },
    {
      id: "meta",
      confidence: 0.88,
      pattern: /<meta\b[^<>]{0,100}(?:http-equiv|charset|content)\s{0,5}=/,
      why: "a meta element",
    },
    {
      id: "svg_script",
      confidence: 0.9,
      pattern:
        /<(?:svg|math|animate|set|animatetransform|foreignobject|use|handler|listener|image|maction|mglyph|annotation-xml)\b(?:[^<]|<(?!(?:svg|math|animate|set|animatetransform|foreignobject|use|handler|listener|image|maction|mglyph|annotation-xml)\b)){0,300}?(?:xlink:href|href|attributename|onload|onbegin|from|to|values|ev:event)\s{0,5}=/,
      why: "SVG or MathML that can run script",
    },
    {
      id: "style_code",
      confidence: 0.92,
      view: "html",
      pattern:
        /(?:<[^<>!][^<>]{0,59}style\s{0,5}=|<style)(?:[^<]|<(?=!)){0,300}?(?:expression\s{0,3}\(|(?:-moz-)?binding|behaviou?r\s{0,5}:|javascript\s{0,3}:|@import|vbscript:|\\[0-9a-f]{2}|\/\*[^*]{0,20}\*\/[^(<]{0,40}\()/,
      why: "a style that runs code",
    },
    {
      id: "style_element",
      confidence: 0.82,
      pattern:
        /<style[\s\/>](?:[^<]|<(?!style)){0,400}?(?:@import|url\(|keyframes|\{[^{}]{0,100}\})/,
      why: "a style element",
    },
    {
      id: "form_action",
      confidence: 0.85,
      pattern:
        /<(?:form|button|input|isindex)\b[^<>]{0,200}(?:form)?action\s{0,5}=\s{0,5}["'`]?\s{0,5}(?:javascript|data|vbscript|\/\/|https?:)/,
      why: "a form that sends elsewhere",
    },
    {
      id: "srcdoc",
      confidence: 0.93,
      pattern: /\bsrcdoc\s{0,5}=/,
      why: "a document inside an attribute",
    },
    {
      id: "template_tag",
      confidence: 0.84,
      pattern:
        /<(?:plaintext|xmp|noembed|noframes|listing|multicol|blink|marquee|nolayer|isindex|keygen|event-source|dialog|nextid|sleep)[\s\/>]/,
      why: "a tag known from attacks",
    },
    {
      id: "conditional",
      confidence: 0.85,
      pattern:
        /<!--\[if\b|<!\[cdata\[[^]{0,40}<|<\?xml(?:-stylesheet|:namespace|\s[^>]{0,60}xss)|<\?import\b|<!doctype html[^>]{0,40}onload/,
      why: "conditional markup",
    },
    {
      id: "image_code",
      confidence: 0.88,
      view: "html",
      pattern:
        /<(?:img|image|video|audio|source|input|body|table|td|tr|bgsound|br|div|a)\b[^<>]{0,200}?(?:src|background|dynsrc|lowsrc|href|poster|cite|action|formaction|size)\s{0,5}=\s{0,9}["'`]{0,3}\s{0,5}(?:&\{|javascript|vbscript|livescript|mocha|data:text|x\s?:|\w{1,3}["'`]?\s{0,3}on\w{3,20}=)/,
      why: "an attribute that runs code",
    },
    {
      id: "data_source",
      confidence: 0.84,
      pattern: /\bdatasrc\s{0,3}=|\bdatafld\s{0,3}=/,
      why: "an element bound to data",
    },
    { id: "svg", confidence: 0.82, pattern: /<(?:svg|math)[\s\/>]/, why: "SVG or MathML" },
    {
      id: "broken_tag",
      confidence: 0.5,
      pattern: /["'`]\s{0,5}\/?>\s{0,5}<[a-z!\/]/,
      why: "closes an attribute and opens a tag",
    },
    {
      id: "tag_with_call",
      confidence: 0.84,
      pattern:
        /<[a-z!][^<>]{0,200}=\s{0,3}["'`]?[^<>"'`]{0,60}\b(?:alert|prompt|confirm|eval)\s{0,5}[(`]/,
      why: "a tag with a script call",
    },
    {
      id: "unclosed",
      confidence: 0.3,
      pattern: /<[a-z][a-z0-9]{0,20}[\s\/][^<>]{0,200}$/,
      why: "a tag that is never closed",
    },
  ],
};
