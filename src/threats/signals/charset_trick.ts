/** Bytes that swallow an escaping backslash, and parameters that pretend to be pages. */
import type { Signal } from "../signal.ts";
import { PLACE } from "../value.ts";

export const charsetTrick: Signal = {
  name: "charset_trick",
  family: "protocol",
  needs: 0,
  hint: /\u00bf|\xbf|%bf|%00|%c0|%c1|utf-7|\+adw-|\ufffd/,
  rules: [
    {
      id: "wide_quote",
      confidence: 0.82,
      pattern: /[\u0081-\u00fe]\\?['"]\s{0,5}(?:or|and|union|\|\||&&|\))/,
      why: "a byte that swallows a backslash",
    },
    {
      id: "utf7",
      confidence: 0.9,
      pattern: /\+ad(?:w|4|s|i)-|\+\/v[89+\/]-?|charset\s{0,3}=\s{0,3}["']?utf-7/,
      why: "UTF-7",
    },
    {
      id: "broken_utf8",
      confidence: 0.6,
      pattern: /\ufffd{2,}|%[cf][01](?:%|$)/,
      why: "bytes that are not UTF-8",
    },
  ],
  places: PLACE.path | PLACE.query | PLACE.form | PLACE.json | PLACE.cookie | PLACE.header,
};
