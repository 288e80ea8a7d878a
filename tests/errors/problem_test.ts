import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { type ErrorCode, ERRORS } from "../../src/errors/codes.ts";
import { prepareProblem, problem, PROBLEM_JSON } from "../../src/errors/problem.ts";

Deno.test("problem() answers RFC 9457 members, the code and the request id", async () => {
  const response = problem("NOT_FOUND", "r-1", { detail: "No such product." });
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("content-type"), PROBLEM_JSON);
  assertEquals(await response.json(), {
    type: "about:blank",
    title: "There is nothing here",
    status: 404,
    detail: "No such product.",
    code: "NOT_FOUND",
    request_id: "r-1",
  });
});

Deno.test("problem() adds extensions and headers, and is never cached", async () => {
  const response = problem("CONFLICT", "r-2", {
    extensions: { errors: [{ pointer: "/a" }] },
    headers: { "retry-after": "7" },
  });
  assertEquals(response.headers.get("retry-after"), "7");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals((await response.json()).errors, [{ pointer: "/a" }]);
});

Deno.test("prepareProblem() prepares the very text that problem() would write", async () => {
  const texts = {
    detail: 'Quotes " and \\ and "request_id":"" are text.',
    extensions: { type: "https://example.org/#a", "violated-policies": ["ip"] },
  };
  const prepared = prepareProblem("RATE_LIMITED", texts);
  assertEquals(
    await problem("RATE_LIMITED", "r-3", { ...texts, prepared }).text(),
    await problem("RATE_LIMITED", "r-3", texts).text(),
  );
});

Deno.test("every error code has a status that fits its category and a title for people", () => {
  for (const [code, spec] of Object.entries(ERRORS)) {
    assert(/^[A-Z][A-Z0-9_]+$/.test(code));
    assert(spec.status >= 400 && spec.status <= 599, code);
    assert(/^[A-Z][^.]+$/.test(spec.title), code);
    if (spec.category === "VALIDATION") assert(spec.status < 500, code);
  }
});

Deno.test("AppError carries its row and its cause, and says the detail", () => {
  const cause = new Error("inside");
  const error = new AppError("ORIGIN_TIMEOUT", { detail: "30 s passed.", cause });
  assertEquals(error.message, "30 s passed.");
  assertEquals(error.cause, cause);
  assertEquals(error.spec, ERRORS["ORIGIN_TIMEOUT" satisfies ErrorCode]);
});
