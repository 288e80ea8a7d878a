/** Breaks out of an attribute: a quote, then an event handler or style of the attacker's own. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const xssAttribute: Signal = {
  name: "xss_attribute",
  family: "xss",
  needs: TRAIT.equals,
  hint: /on[a-z]{3,25}\s{0,9}=|style\s{0,9}=|src\s{0,9}=|href\s{0,9}=|formaction\s{0,9}=|xmlns/,
  rules: [
    {
      id: "quote_handler",
      confidence: 0.92,
      view: "html",
      pattern:
        /["'`][\s\/;+]{0,20}(?:[a-z-]{1,20}\s{0,3}=\s{0,3}["']?[\w:;#\-%]{0,40}["']?[\s\/]{1,9}){0,4}on[a-z]{3,25}\s{0,9}=\s{0,9}["'`]?\s{0,9}[a-z_$\\\/(!~\[{\d&+-]/,
      why: "a quote, then an event handler",
    },
    {
      id: "bare_handler",
      confidence: 0.88,
      pattern:
        /(?:^|[\s\/"'`<>;])on(?:error|load|click|dblclick|focus|focusin|focusout|mouseover|mouseout|mouseenter|mousemove|mousedown|mouseup|mouseleave|keydown|keyup|keypress|toggle|begin|blur|input|change|pointerenter|pointerover|pointerdown|animationstart|animationend|transitionend|scroll|submit|wheel|touchstart|pageshow|hashchange|message|dragstart|drag|drop|copy|cut|paste|contextmenu|unload|resize|start|finish|beforeunload|readystatechange|auxclick|search|select|invalid|abort|activate|beforeactivate)\s{0,9}=\s{0,9}["'`]?\s{0,9}[\w.$\[(!\\"&{-]{1,60}\s{0,5}[(=`.&\\\["'+;%)]/,
      why: "an event handler",
    },
    {
      id: "quote_style",
      confidence: 0.9,
      pattern:
        /["'][\s\/]{0,5}style\s{0,5}=[^]{0,66}?(?:expression|binding|behaviou?r|animation|url\s{0,3}\()/,
      why: "a quote, then a style that runs code",
    },
    {
      id: "quote_source",
      confidence: 0.85,
      view: "html",
      pattern:
        /["'][\s\/]{0,5}(?:src|href|formaction|xlink:href|srcdoc|data)\s{0,5}=\s{0,5}["']?\s{0,5}(?:javascript|data:|vbscript)/,
      why: "a quote, then a script's address",
    },
  ],
};
