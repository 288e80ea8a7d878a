/**
 * What a signal is: one technique of attack, with the rules that recognise it. Signals look at one
 * decoded value at a time and know nothing of scores; `score.ts` weighs what they find.
 */
import type { Value, View } from "./value.ts";

/** Kinds of attack. Evidence inside one family supports itself, across families it adds up. */
export type Family =
  | "sqli"
  | "xss"
  | "rce"
  | "lfi"
  | "rfi"
  | "ssrf"
  | "nosqli"
  | "ssti"
  | "xxe"
  | "crlf"
  | "ldap"
  | "php"
  | "java"
  | "proto"
  | "scanner"
  | "protocol"
  | "sessfix";

export interface Rule {
  readonly id: string;
  /** Share of certainty this match alone gives, 0..1; 0.8 and more may refuse a request. */
  readonly confidence: number;
  readonly pattern: RegExp;
  /** What it is, in an admin's words. */
  readonly why: string;
  readonly view?: View;
  /** Places the rule looks at; all of the signal's when absent. */
  readonly places?: number;
}

export interface Match {
  readonly rule: Pick<Rule, "id" | "confidence">;
  /** Where in the view the match begins, and the text around it. */
  readonly text: string;
  readonly index: number;
  readonly length: number;
}

export interface Signal {
  readonly name: string;
  readonly family: Family;
  /** The value must show all of these traits (`traits.ts`), or the signal is not asked. */
  readonly needs: number;
  /** … and at least one of these, when given. */
  readonly any?: number;
  /** Places the signal looks at; all when absent. */
  readonly places?: number;
  /** Every rule in the signal needs one of these strings: one cheap look spares the others. */
  readonly hint?: RegExp;
  readonly rules: readonly Rule[];
  /** Recognises what patterns cannot; its matches come before those of the rules. */
  readonly detect?: (value: Value) => readonly Match[];
}
