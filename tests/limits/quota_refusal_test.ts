import { assertEquals } from "@std/assert";
import { type Quota, refusalText } from "../../src/limits/quota_refusal.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";

const quotaOf = (subject: string, quota: number, windowMs: number): Quota => ({
  label: subject,
  subjectWord: subject,
  quota,
  windowMs,
});

Deno.test("refusalText() names the tier, the number and the unit", () => {
  const table: [Quota, string][] = [
    [quotaOf("IP", 200, MINUTE), "Rate limit exceeded for IP. Maximum 200 requests per minute."],
    [quotaOf("user", 60, MINUTE), "Rate limit exceeded for user. Maximum 60 requests per minute."],
    [quotaOf("user", 50, HOUR), "Rate limit exceeded for user. Maximum 50 requests per hour."],
    [
      quotaOf("account", 5, 5 * MINUTE),
      "Rate limit exceeded for account. Maximum 5 requests per 5 minutes.",
    ],
    [
      quotaOf("IP", 9, 90 * SECOND),
      "Rate limit exceeded for IP. Maximum 9 requests per 90 seconds.",
    ],
  ];
  for (const [quota, text] of table) assertEquals(refusalText(quota), text);
});
