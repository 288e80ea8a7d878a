import { assert, assertEquals } from "@std/assert";
import { attemptIn } from "../../src/threats/attempt.ts";
import { engine, head, scoreBody, scoreTarget } from "./_requests.ts";

const SQL = "1' UNION SELECT name, password FROM users--";
const q = encodeURIComponent;
const attemptOf = (target: string, headers: Record<string, string> = {}) =>
  attemptIn(scoreTarget(target, headers).findings);

Deno.test("attemptIn() finds the same text wherever it stands", () => {
  const { payload } = attemptOf(`/x?q=${q(SQL)}`)!;
  assert(payload !== "" && !payload.includes("query.q"), payload);
  const same = [
    attemptOf(`/x?title=${q(SQL)}&page=2`),
    attemptOf(`/x?q=${q(q(SQL))}`),
    attemptOf(`/x?q=${q(btoa(SQL))}`),
    attemptOf(`/x?next=${q(`/search?q=${SQL}&page=2`)}`),
    attemptOf("/x", { cookie: `prefs=${q(SQL)}` }),
    attemptIn(scoreBody(JSON.stringify({ text: SQL })).findings),
    attemptIn(scoreBody(`a=b&text=${q(SQL)}`, "application/x-www-form-urlencoded").findings),
  ];
  for (const [at, attempt] of same.entries()) {
    assert([attempt!.payload, ...attempt!.marks].includes(payload), `${at}: ${attempt!.payload}`);
  }
});

Deno.test("attemptIn() holds nothing of a Referer against anybody", () => {
  for (const referer of [SQL, `https://shop.test/x?q=${q(SQL)}`, `https://shop.test/${q(SQL)}`]) {
    assertEquals(attemptOf("/x", { referer }), undefined, referer);
    const beside = attemptOf(`/x?q=${q("<script>alert(1)</script>")}`, { referer })!;
    assert(beside.score >= 0.9 && !beside.payload.includes("union"), beside.payload);
    assert(beside.marks.every((mark) => !mark.includes("referer")), `${beside.marks}`);
  }
});

Deno.test("attemptIn() sees a scanner by its name, and gives what scanners send no place", () => {
  const named = attemptOf(`/x?q=${q(SQL)}`, { "user-agent": "sqlmap/1.8" })!;
  assertEquals([named.byScanner, named.marks.some((mark) => mark.startsWith("in "))], [
    true,
    false,
  ]);
  for (const path of ["/.git/config", "/a/..%2f..%2f..%2fetc/passwd"]) {
    const { byScanner, marks } = attemptOf(path)!;
    assertEquals([byScanner, marks.some((mark) => mark.startsWith("in "))], [false, false], path);
  }
});

Deno.test("attemptIn() of an honest request is nothing that could be a strike", () => {
  for (const target of ["/", "/us/products?q=O'Brien", "/x?q=desk+lamp"]) {
    const attempt = attemptIn(engine.scoreHead(head(target)).findings);
    assert((attempt?.score ?? 0) < 0.5, target);
  }
});
