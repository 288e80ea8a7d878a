/** Gives a visitor a session that the attacker knows. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const sessionFixation: Signal = {
  name: "session_fixation",
  family: "sessfix",
  needs: 0,
  any: TRAIT.equals | TRAIT.colon | TRAIT.underscore | TRAIT.dot | TRAIT.semicolon | TRAIT.letter,
  hint: /cookie|sess|sid/,
  rules: [
    {
      id: "set_cookie",
      confidence: 0.88,
      pattern:
        /\bdocument\s{0,3}\.\s{0,3}cookie\s{0,3}=|http-equiv\s{0,3}=\s{0,3}["']?\s{0,3}set-cookie|\bset-cookie\s{0,3}[:=]\s{0,3}\w{1,40}=/,
      why: "sets a cookie",
    },
    {
      id: "session_param",
      confidence: 0.6,
      pattern:
        /(?:^|[;?&])(?:jsessionid|phpsessid|asp\.?net_sessionid|aspsessionid\w*|sessionid|session_id|cfid|cftoken)\s{0,3}=/,
      why: "a session in a parameter",
    },
    {
      id: "session_name",
      confidence: 0.5,
      pattern:
        /^(?:jsessionid|phpsessid|asp\.net_sessionid|aspsessionid\w{0,10}|cfid|cftoken|jservsession\w*|jwsession\w*|sessid|websphere_session)$/,
      why: "a session as a parameter",
    },
  ],
};
