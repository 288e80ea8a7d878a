/** SQL injection by its grammar: what the value would do to the sentence it is put into. */
import type { Match, Signal } from "../signal.ts";
import { readSql } from "../sql/read.ts";
import { TRAIT } from "../traits.ts";
import type { Value } from "../value.ts";

/** Without one of these there is no injected SQL to read. */
const WORTH_READING =
  /['"\u2032]|\b(?:union|select|or|and|xor|having|waitfor|sleep|benchmark|exec|execute|insert|update|delete|drop|declare|shutdown|create|alter|case|order|group|like|div|between|procedure|null)\b|\|\||&&|--|#|\/\*|@@|\w\(|\)/;

export const sqlGrammar: Signal = {
  name: "sql_grammar",
  family: "sqli",
  needs: 0,
  any: TRAIT.quote | TRAIT.paren | TRAIT.equals | TRAIT.angle | TRAIT.hash | TRAIT.dash |
    TRAIT.star | TRAIT.semicolon | TRAIT.pipe | TRAIT.ampersand | TRAIT.at | TRAIT.space |
    TRAIT.wide | TRAIT.newline,
  hint: WORTH_READING,
  rules: [],
  detect: (value: Value): readonly Match[] => readSql(value.text, value.effort),
};
