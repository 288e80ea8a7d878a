/**
 * Reads a thrown value without trusting it: it may be no error, have getters that throw, be a proxy,
 * or hold megabytes. What is read is plain and bounded; what it means is decided elsewhere.
 */

export interface Thrown {
  readonly isError: boolean;
  /** The error's name; "" for what is no error. */
  readonly name: string;
  readonly message: string;
  /** Such as `ECONNREFUSED`; "" when there is none. */
  readonly code: string;
  /** Status of an HTTP answer, or of an SMTP reply; 0 when there is none. */
  readonly status: number;
  /** What it was thrown because of; undefined when there is nothing. */
  readonly cause: unknown;
  /** What an AggregateError gathered: the first ten. */
  readonly members: readonly unknown[];
}

const TEXT_MAX = 2_000;
const NAME_MAX = 100;
const MEMBERS_MAX = 10;

/** Where libraries put the number: hono and fetch-like ones, Node-like ones, nodemailer. */
const STATUS_FIELDS = ["status", "statusCode", "responseCode"] as const;

export function readThrown(thrown: unknown): Thrown {
  if (!isObject(thrown)) return { ...NOTHING, message: nameValue(thrown) };
  const members = read(thrown, "errors");
  return {
    isError: isError(thrown),
    name: readText(thrown, "name", NAME_MAX),
    message: readText(thrown, "message", TEXT_MAX),
    code: readText(thrown, "code", NAME_MAX),
    status: readStatus(thrown),
    cause: read(thrown, "cause"),
    members: isList(members) ? sliceOf(members) : [],
  };
}

/** The stack, for whoever wants to know where; "" when there is none. */
export function readStack(thrown: unknown): string {
  return isObject(thrown) ? readText(thrown, "stack", 2 * TEXT_MAX) : "";
}

/** A field of what was thrown; undefined when reading it throws. */
export function read(thrown: unknown, field: string): unknown {
  try {
    return isObject(thrown) ? Reflect.get(thrown, field) : undefined;
  } catch {
    return undefined;
  }
}

const NOTHING: Thrown = {
  isError: false,
  name: "",
  message: "",
  code: "",
  status: 0,
  cause: undefined,
  members: [],
};

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function isError(thrown: object): boolean {
  try {
    return thrown instanceof Error;
  } catch {
    // A proxy can refuse even this.
    return false;
  }
}

function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function sliceOf(list: unknown[]): unknown[] {
  try {
    return list.slice(0, MEMBERS_MAX);
  } catch {
    return [];
  }
}

function readText(thrown: object, field: string, max: number): string {
  const text = read(thrown, field);
  return typeof text === "string" ? text.slice(0, max) : "";
}

function readStatus(thrown: object): number {
  for (const field of STATUS_FIELDS) {
    const status = read(thrown, field);
    if (typeof status === "number" && status >= 100 && status <= 599) return status;
  }
  return 0;
}

function nameValue(value: unknown): string {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : String(value).slice(0, NAME_MAX);
}
