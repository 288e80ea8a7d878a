/** The whole room on a KV of its own, with a clock that is turned by hand. */
import { createIdentity, type Identity, type SecurityEvent } from "../../src/auth/identity.ts";
import { createTokenVerifier, type TokenVerifier } from "../../src/auth/tokens.ts";
import { AppError } from "../../src/errors/app_error.ts";
import type { ErrorCode } from "../../src/errors/codes.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog } from "../../src/log.ts";
import { createMetrics, type Metrics } from "../../src/metrics/catalog.ts";
import { systemClock } from "../../src/time.ts";
import { createTestClock, type TestClock } from "../_clock.ts";
import { createFaultKv, type FaultKv } from "../_fault_kv.ts";
import { noFetch, NOW_MS } from "./_tokens.ts";

export interface House extends Disposable {
  readonly clock: TestClock;
  readonly raw: FaultKv;
  readonly kv: Kv;
  readonly identity: Identity;
  readonly tokens: TokenVerifier;
  readonly metrics: Metrics;
  readonly events: SecurityEvent[];
  /** Everything that was logged. */
  readonly lines: string[];
}

export interface HouseOptions {
  readonly secret?: string;
  readonly previous?: readonly string[];
  readonly bootstrapToken?: string;
  readonly onDeploy?: boolean;
  readonly deploymentId?: string;
  /** Another isolate on the same KV and clock. */
  readonly beside?: House;
  readonly seed?: number;
}

export const SECRET_A = "the secret of the house of 32 bytes";
export const PASSWORD = "seven green bottles on a wall";
export const EMAIL = "anna@shop.example";
export const CLIENT = { device: "Firefox on Linux", address: "203.0.113.77" };
export const BY = { id: "acc_0000000000000000test", requestId: "request-1" };

/** Understands single addresses only. */
export const parseRange = (cidr: string) =>
  /^[\d.]+$/.test(cidr) ? (ip: string) => ip === cidr : undefined;

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { beside, seed } = options;
  const clock = beside?.clock ?? createTestClock(NOW_MS);
  const raw = beside?.raw ?? await createFaultKv({ seed });
  const lines: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => void lines.push(line) });
  const kv = beside?.kv ??
    await openKv({ path: ":memory:", raw, clock: systemClock, log, deadlineMs: 10_000 });
  const metrics = createMetrics();
  const events: SecurityEvent[] = [];
  const identity = createIdentity({
    config: {
      JWT_SECRET: options.secret,
      JWT_SECRET_PREVIOUS: [...options.previous ?? []],
      BOOTSTRAP_TOKEN: options.bootstrapToken,
    },
    kv,
    clock,
    log,
    metrics,
    onDeploy: options.onDeploy ?? false,
    deploymentId: () => Promise.resolve(options.deploymentId ?? "test"),
    parseRange,
    onSecurityEvent: (event) => events.push(event),
  });
  const tokens = createTokenVerifier({
    secret: options.secret,
    demoTokens: false,
    credentials: identity.credentials,
    clock,
    fetch: noFetch,
    log,
  });
  return {
    clock,
    raw,
    kv,
    identity,
    tokens,
    metrics,
    events,
    lines,
    [Symbol.dispose]() {
      if (!beside) kv.close();
    },
  };
}

/** An account of this role, signed in. */
export async function signedIn(house: House, role: "user" | "analyst" | "admin" = "admin") {
  const { accounts, signIn } = house.identity;
  const email = `${role}@shop.example`;
  await accounts.create({ email, password: PASSWORD, role }, BY);
  const pair = await signIn.withTokens({ email, password: PASSWORD, client: CLIENT });
  return { email, ...pair, header: `Bearer ${pair.accessToken}` };
}

/** What the promise rejects with; undefined when it resolves. */
export async function refusalOf(promise: Promise<unknown>): Promise<AppError | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return (await refusalOf(promise))?.code;
}

/** The pointers of the fields that were found wrong. */
export async function pointersOf(promise: Promise<unknown>): Promise<string[]> {
  const refusal = await refusalOf(promise);
  const errors = refusal?.options.extensions?.errors as { pointer: string }[] | undefined;
  return (errors ?? []).map(({ pointer }) => pointer);
}

/** The bytes of an authenticator's secret, as an app reads them. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((digit) => digits.indexOf(digit).toString(2).padStart(5, "0")).join(
    "",
  );
  return new Uint8Array(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}
