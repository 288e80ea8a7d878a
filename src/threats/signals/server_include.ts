/** Server-side includes and edge-side includes. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const serverInclude: Signal = {
  name: "server_include",
  family: "rce",
  needs: TRAIT.angle,
  hint: /<!--|<esi|<!#/,
  rules: [
    {
      id: "directive",
      confidence: 0.96,
      pattern:
        /<!(?:--)?\s{0,3}#\s{0,3}(?:exec|echo|include|config|set|printenv|fsize|flastmod|if|goto)\b/,
      why: "a server-side include",
    },
    {
      id: "edge",
      confidence: 0.93,
      pattern: /<esi:(?:include|inline|debug|vars|remove|try)\b/,
      why: "an edge-side include",
    },
  ],
};
