/** Operators of document databases where a value should be. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const nosql: Signal = {
  name: "nosql",
  family: "nosqli",
  needs: 0,
  any: TRAIT.dollar | TRAIT.pipe | TRAIT.ampersand | TRAIT.dot | TRAIT.semicolon | TRAIT.equals |
    TRAIT.paren,
  hint: /while\s{0,3}\(|\$|\|\||&&|this\.|return|db\.|sleep|mapreduce|;\s{0,3}(?:var|it)/,
  rules: [
    {
      id: "operator_param",
      confidence: 0.93,
      pattern:
        /\[\s{0,3}['"]?\$(?:n?eq?|[gl]te?|n?in|regex|exists|where|not|n?or|and|type|size|all|elemmatch|mod|text|options|expr|function|comment|jsonschema|slice)['"]?\s{0,3}\]/,
      why: "an operator in a parameter's name",
    },
    {
      id: "operator_key",
      confidence: 0.9,
      pattern:
        /^\$(?:ne|eq|[gl]te?|n?in|regex|exists|where|not|n?or|and|type|size|all|elemmatch|mod|text|search|expr|function|accumulator|lookup|eval|jsonschema|unionwith|graphlookup|merge|out|where)$/,
      why: "an operator as a JSON key",
    },
    {
      id: "operator_object",
      confidence: 0.9,
      pattern:
        /[{,\[]\s{0,9}['"]?\$(?:ne|eq|[gl]te?|n?in|regex|exists|where|not|n?or|and|type|size|all|elemmatch|mod|text|search|expr|function|accumulator|lookup|eval|jsonschema|group|match|project|unionwith|options|slice|comment)\b['"]?\s{0,9}:/,
      why: "an operator in a JSON object",
    },
    {
      id: "operator_bare",
      confidence: 0.84,
      pattern:
        /(?:^|[\s'",;&|({])\$(?:where|ne|gte?|lte?|nin|regex|exists|elemmatch|expr|function|accumulator|lookup|jsonschema)\s{0,5}['"]?\s{0,5}[:=]/,
      why: "an operator",
    },
    {
      id: "operator_list",
      confidence: 0.86,
      pattern: /\$(?:or|and|nor)['"]?\s{0,5}[:=]\s{0,5}\[/,
      why: "a list of conditions",
    },
    {
      id: "script_where",
      confidence: 0.9,
      pattern:
        /['";)}\]]\s{0,5}(?:\|\||&&|;)\s{0,5}(?:!?\s{0,3}this(?:\.|\[)\w|return\b\s{0,3}[(\w]{1,5}\s{0,3}[;)=]|return\s{1,3}(?:true|1)|sleep\s{0,3}\(|db\.|function\s{0,3}\(|var\s|it\s{0,3}=|while\s{0,3}\()|\bthis\.\w{1,30}\s{0,5}(?:==|!=|\.match|\.length|>|<|=~)|\bdb\.(?:\w{1,30}\.)?(?:find|insert|drop|remove|update|injection|getname|getcollectionnames|listcollections|stats|eval|aggregate|auth|version)\w{0,6}\s{0,3}[(.]|['";]\s{0,3}return\s{0,3}\(?(?:true|1\s{0,3}==?\s{0,3}1)\)?|\bmapreduce['"]?\s{0,3}[:(]|;\s{0,3}var\s{1,3}\w{1,9}\s{0,3}=\s{0,3}new\s{1,3}date\b|['";)]\s{0,3}while\s{0,3}\(\s{0,3}(?:true|1)|\bwhile\s{0,3}\(\s{0,3}(?:\w{1,9}\s{0,3}-\s{0,3}\w{1,9}\s{0,3}<)|'\s{0,5}(?:\|\||&&)\s{0,5}'?\w{1,9}'?\s{0,3}==/,
      why: "script inside a query",
    },
    {
      id: "tautology",
      confidence: 0.86,
      pattern: /['"]\s{0,5}(?:\|\||&&)\s{0,5}['"]?\d{1,6}['"]?\s{0,5}={2,3}\s{0,5}['"]?\d/,
      why: "a condition that is always true",
    },
  ],
};
