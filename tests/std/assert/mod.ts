/**
 * What our tests use of `jsr:@std/assert`, on `node:assert`, for machines that reach npm alone.
 * Same names, same arguments, same meaning; removing `links` from deno.json uses the original.
 */
import { AssertionError, deepStrictEqual, notDeepStrictEqual } from "node:assert";

export { AssertionError };

const failure = (message: string, extra?: string) =>
  new AssertionError({ message: extra ? `${message}: ${extra}` : message });

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw failure("Expected a truthy value", msg);
}

export function assertFalse(expr: unknown, msg = ""): asserts expr is false {
  if (expr) throw failure("Expected a falsy value", msg);
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    throw failure(`Expected a value, got ${actual}`, msg);
  }
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    throw failure(error instanceof Error ? error.message : "Values are not equal", msg);
  }
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    notDeepStrictEqual(actual, expected);
  } catch {
    throw failure("Expected values to differ", msg);
  }
}

export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) throw failure(`${show(actual)} is not ${show(expected)}`, msg);
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = Math.abs(expected) * 1e-7,
  msg?: string,
): void {
  if (!(Math.abs(actual - expected) <= tolerance)) {
    throw failure(`${actual} is not within ${tolerance} of ${expected}`, msg);
  }
}

export function assertGreater<T>(actual: T, low: T, msg?: string): void {
  if (!(actual > low)) throw failure(`${show(actual)} is not above ${show(low)}`, msg);
}

export function assertGreaterOrEqual<T>(actual: T, low: T, msg?: string): void {
  if (!(actual >= low)) throw failure(`${show(actual)} is below ${show(low)}`, msg);
}

export function assertLess<T>(actual: T, high: T, msg?: string): void {
  if (!(actual < high)) throw failure(`${show(actual)} is not below ${show(high)}`, msg);
}

export function assertLessOrEqual<T>(actual: T, high: T, msg?: string): void {
  if (!(actual <= high)) throw failure(`${show(actual)} is above ${show(high)}`, msg);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    throw failure(`${show(actual)} does not include ${show(expected)}`, msg);
  }
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) throw failure(`${show(actual)} does not match ${expected}`, msg);
}

export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) throw failure(`${show(actual)} matches ${expected}`, msg);
}

// deno-lint-ignore no-explicit-any -- a constructor of whatever arguments, as in the original
type Constructor<T> = abstract new (...args: any[]) => T;

export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Constructor<T>,
  msg?: string,
): asserts actual is T {
  if (!(actual instanceof expectedType)) {
    throw failure(`${show(actual)} is not a ${expectedType.name}`, msg);
  }
}

export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Constructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  assertInstanceOf(error, ErrorClass ?? Error, msg);
  const matches = typeof msgMatches === "string"
    ? error.message.includes(msgMatches)
    : msgMatches?.test(error.message) ?? true;
  if (!matches) throw failure(`Error message ${show(error.message)} does not match`, msg);
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass?: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E | Error {
  try {
    fn();
  } catch (error) {
    assertIsError(error, ErrorClass, msgIncludes, msg);
    return error;
  }
  throw failure("Expected the function to throw", msg);
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass?: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E | Error> {
  try {
    await fn();
  } catch (error) {
    assertIsError(error, ErrorClass, msgIncludes, msg);
    return error;
  }
  throw failure("Expected the promise to reject", msg);
}

export function fail(msg?: string): never {
  throw failure("Failed assertion", msg);
}

const show = (value: unknown) => Deno.inspect(value, { depth: 2, strAbbreviateSize: 400 });
