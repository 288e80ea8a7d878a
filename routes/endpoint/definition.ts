/**
 * What an endpoint of ours is: its path, who may call it, what it takes and what it answers, said
 * in one place. register.ts makes a route of it, openapi.ts its documentation.
 */
import type { z } from "zod";
import type { Actor } from "../../src/auth/audit.ts";
import type { Role } from "../../src/auth/roles.ts";
import type { Scope } from "../../src/auth/scopes.ts";
import type { SessionView } from "../../src/auth/session_rules.ts";
import type { GateContext, VerifiedUser } from "../../src/context.ts";
import type { ErrorCode } from "../../src/errors/codes.ts";
import type { CsvColumns } from "./csv.ts";

/**
 * Who may call: anybody; whoever holds `METRICS_TOKEN`; any proven user, of whom the handler asks
 * whether the thing is theirs; an account of at least that role, or a key with that scope.
 */
export type Access =
  | "public"
  | "scrape-token"
  | "user"
  | { readonly role: Role; readonly scope?: Scope };

/** Who calls, once the access was granted. */
export interface Caller {
  readonly user: VerifiedUser;
  /** The sign-in behind the proof; absent for API keys and users of the site. */
  readonly session?: SessionView;
  /** Present when a cookie proved it: what a form must send back. */
  readonly csrfToken?: string;
  /** How the audit log names the caller. */
  readonly actor: Actor;
}

/** One kind of answer. Without a schema it has no body, or the text of `type`. */
export interface AnswerSpec<Schema extends z.ZodType | undefined = z.ZodType | undefined> {
  readonly about: string;
  readonly schema?: Schema;
  /** Media type of an answer that is not JSON. */
  readonly type?: string;
  readonly example?: unknown;
}

export type Answers = Readonly<Record<number, AnswerSpec>>;

/** The same data, which nobody means to change. */
type Immutable<Value> = Value extends readonly (infer Item)[] ? readonly Immutable<Item>[]
  : Value extends object ? { readonly [Name in keyof Value]: Immutable<Value[Name]> }
  : Value;

/** What a handler may answer: a status of the list, with the body that its schema says. */
export type ReplyOf<A extends Answers> = {
  readonly [Status in keyof A & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: A[Status] extends { readonly schema: infer Schema extends z.ZodType }
      ? Immutable<z.input<Schema>>
      : A[Status] extends { readonly type: string } ? BodyInit
      : null;
  };
}[keyof A & number];

/** One reply, with its status kept as the literal that `ReplyOf` asks for. */
export function reply<const Status extends number, const Body>(
  status: Status,
  body: Body,
  headers?: Readonly<Record<string, string>>,
): { readonly status: Status; readonly body: Body; readonly headers?: typeof headers } {
  return { status, body, headers };
}

type CallerOf<W extends Access> = W extends "public" | "scrape-token" ? Caller | undefined : Caller;

/** One checked request. */
export interface Call<
  W extends Access,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
> {
  readonly caller: CallerOf<W>;
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  readonly gate: GateContext;
  readonly request: Request;
  /** Throws `PRECONDITION_FAILED` when the request was made for another version of the document. */
  ifMatch(current: unknown): Promise<void>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Endpoint<
  W extends Access = Access,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  A extends Answers = Answers,
> {
  readonly method: Method;
  /** `/api/v1/auth/users/{id}`: our own path, no prefix, no trailing slash. */
  readonly path: string;
  /** What it does, in a few words; also its title in the document. */
  readonly summary: string;
  readonly access: W;
  /** The text between the braces of `path`. */
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /**
   * How the body is sent: JSON unless it is a form of one of our pages, or text of the named media
   * types, which the handler reads from the request.
   */
  readonly bodyAs?: "form" | readonly string[];
  /** Longest body taken; 64 KiB when absent. */
  readonly bodyBytesMax?: number;
  /** A sample body for the document; must pass the schema. */
  readonly example?: z.input<B>;
  readonly answers: A;
  /** Errors of this endpoint alone; those of its access and its schemas are implied. */
  readonly errors?: readonly ErrorCode[];
  /** A list or report that also answers CSV, by `Accept: text/csv` or `?format=csv`. */
  readonly csv?: CsvColumns;
  /** A document that changes: its answer carries an `ETag` and honours `If-None-Match`. */
  readonly versioned?: boolean;
  /** A write that may be sent again with the same `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** A page of the console: left out of the document, and a stranger is sent to sign in. */
  readonly page?: boolean;
  handle(call: Call<W, P, Q, B>): Promise<ReplyOf<A>> | ReplyOf<A>;
}

/** An endpoint as the lists of routes, the document and the tests see it. */
export type AnyEndpoint = Omit<Endpoint, "handle" | "params" | "query" | "body" | "example"> & {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly example?: unknown;
};
