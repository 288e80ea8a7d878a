import { assertEquals } from "@std/assert";
import { seconds, writeLimitFields } from "../../src/limits/fields.ts";
import type { Decision } from "../../src/limits/guard.ts";
import { createWindow } from "../../src/limits/windows.ts";
import { MINUTE } from "../../src/time.ts";

const window = (label: string, quota: number, windowMs: number) =>
  createWindow({
    name: `store.${label}`,
    label,
    subjectWord: label === "ip" ? "IP" : label,
    quota,
    windowMs,
    strict: false,
  });

const both: Decision = {
  outcome: "pass",
  claims: [
    { limit: window("ip", 200, MINUTE), subject: "192.0.2.1" },
    { limit: window("user", 60, MINUTE), subject: "site:ann" },
  ],
  remaining: [157, 12],
  resetMs: [11_001, 4_000],
  retryAfterMs: 0,
};

function written(decision: Decision): Record<string, string> {
  const headers = new Headers();
  writeLimitFields(headers, decision, 1_000_000);
  return Object.fromEntries(headers);
}

Deno.test("writeLimitFields() writes the draft's fields for each window and the older ones for the tightest", () => {
  assertEquals(written(both), {
    "ratelimit": '"ip";r=157;t=12, "user";r=12;t=4',
    "ratelimit-policy": '"ip";q=200;w=60, "user";q=60;w=60',
    "x-ratelimit-limit": "60",
    "x-ratelimit-remaining": "12",
    "x-ratelimit-reset": "1004",
  });
});

Deno.test("writeLimitFields() shows the window that refused, also when another has less", () => {
  const refused: Decision = { ...both, outcome: "limited", remaining: [2, 0], violated: 0 };
  assertEquals(written(refused)["x-ratelimit-limit"], "200");
  assertEquals(written({ ...refused, remaining: [-3, 0] })["x-ratelimit-remaining"], "0");
});

Deno.test("writeLimitFields() writes nothing where nothing was counted", () => {
  assertEquals(written({ ...both, claims: [], remaining: [], resetMs: [] }), {});
});

Deno.test("seconds() rounds up, so that a client that waits them passes", () => {
  assertEquals([seconds(0), seconds(1), seconds(1_000), seconds(1_001), seconds(-5)], [
    0,
    1,
    1,
    2,
    0,
  ]);
});
