/** Climbs out of a folder, plainly or in the disguises that some servers undo. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const pathTraversal: Signal = {
  name: "path_traversal",
  family: "lfi",
  needs: TRAIT.dot,
  hint: /\.\./,
  rules: [
    {
      id: "climb",
      confidence: 0.93,
      view: "path",
      pattern: /(?:^|[^.\w])(?:\.{2,4}[;]?\/+){2}|[\w\/]\.\.\/\.\.\//,
      why: "climbs two folders or more",
    },
    {
      id: "climb_once",
      confidence: 0.6,
      view: "path",
      pattern: /(?:^|[\/=:\s"'(?])\.\.\//,
      why: "climbs a folder",
    },
    {
      id: "climb_then_file",
      confidence: 0.9,
      view: "path",
      pattern:
        /\.\.[;]?\/(?:[\w.-]{1,40}\/){0,6}(?:etc|windows|winnt|boot\.ini|win\.ini|proc|var|usr|root|config|web-inf|meta-inf|\.env|\.git|\.ssh|wp-config|app_data|inetpub|system32|includes?|admin|database|passwd|shadow|local\.xml|settings|index\.php|web\.config)/,
      why: "climbs to a known file",
    },
    {
      id: "disguised",
      confidence: 0.9,
      pattern:
        /\.\.[\\\/]{1,3}\.{2,40}[\\\/]|\.\.[\\\/]{2}|\.\.;[\\\/]|\.{3}[\\\/]{1,3}(?:\.\.|etc|windows|boot|win)|[\\\/]\.{4,}[\\\/]?(?:etc|win|boot|[\\\/])|\.\.(?:%c0%|%5c|%2f|%25|0x|%u22)|(?:\.{1,3}[\/?]?\.?(?:[25][fc]|%[0-9a-z]{1,3}|[\u0080-\uffff]){1,4}){2}/,
      why: "climbs in disguise",
    },
    {
      id: "backslash",
      confidence: 0.7,
      pattern: /(?:^|[\\\/=:])\.\.\\(?!$)/,
      why: "climbs a folder of Windows",
    },
    {
      id: "climb_last",
      confidence: 0.82,
      view: "path",
      pattern: /[\w\/]\/\.\.\/?$/,
      why: "ends in the folder above",
    },
    {
      id: "url_climb",
      confidence: 0.9,
      pattern: /(?:file|jar|ftp|zip|phar):[^\s]{0,63}?\.\.[\\\/]/,
      why: "a URL that climbs",
    },
    {
      id: "space_dots",
      confidence: 0.84,
      pattern: /\. \.[\\\/]|\.\.\s[\\\/]/,
      why: "climbs with blanks",
    },
  ],
};
