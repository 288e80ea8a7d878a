import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toCsv, wantsCsv } from "../../../routes/endpoint/csv.ts";

const oneCell = (value: unknown) => toCsv([{ name: "cell" }], [{ cell: value }]).slice(6, -2);

/** Reads RFC 4180, and nothing more lenient. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error("This is no CSV");
    const [, quoted, plain, end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

Deno.test("toCsv() writes a header and one line a row, each ended by CRLF", () => {
  const columns = [{ name: "id" }, { name: "city", from: "address.city" }];
  const rows = [{ id: 1, address: { city: "Porto" } }, { id: 2 }];
  assertEquals(toCsv(columns, rows), "id,city\r\n1,Porto\r\n2,\r\n");
});

Deno.test("toCsv() quotes commas, quotes and line ends, and nothing else", () => {
  assertEquals(oneCell("a,b"), '"a,b"');
  assertEquals(oneCell('say "hi"'), '"say ""hi"""');
  assertEquals(oneCell("two\nlines"), '"two\nlines"');
  assertEquals(oneCell("plain text; with 'marks'"), "plain text; with 'marks'");
});

Deno.test("toCsv() takes the formula out of what begins like one", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r"]) {
    const [[shown]] = parseCsv(oneCell(`${start}HYPERLINK("http://evil.example")`) + "\r\n");
    assertEquals(shown[0], "'", JSON.stringify(start));
  }
  assertEquals(oneCell(-5), "-5", "a number is no formula");
});

Deno.test("toCsv() joins lists of words, and writes other values as JSON", () => {
  assertEquals(oneCell(["audit:read", "users:read"]), "audit:read users:read");
  assertEquals(oneCell({ role: "admin" }), '"{""role"":""admin""}"');
  assertEquals([oneCell(true), oneCell(null), oneCell(undefined)], ["true", "", ""]);
});

Deno.test("toCsv() reads no inherited property", () => {
  assertEquals(toCsv([{ name: "x", from: "constructor.name" }], [{}]), "x\r\n\r\n");
});

Deno.test("whatever is written is read back the same, and no cell begins a formula", () => {
  const cells = fc.array(fc.string({ unit: "binary" }), { minLength: 3, maxLength: 3 });
  fc.assert(fc.property(fc.array(cells, { maxLength: 5 }), (rows) => {
    const columns = ["a", "b", "c"].map((name, index) => ({ name, from: String(index) }));
    const [, ...read] = parseCsv(toCsv(columns, rows.map((row) => ({ ...row }))));
    assertEquals(read.length, rows.length);
    read.flat().forEach((shown, index) => {
      const text = rows.flat()[index];
      assert(shown === text || shown === `'${text}`);
      assert(!/^[=+\-@\t\r]/.test(shown));
    });
  }));
});

Deno.test("wantsCsv() reads ?format before Accept", () => {
  const ask = (query: string, accept = "*/*") =>
    wantsCsv(new Request(`http://gate.example/x${query}`, { headers: { accept } }));
  assertEquals([ask(""), ask("?format=csv"), ask("?format=json", "text/csv")], [
    false,
    true,
    false,
  ]);
  assertEquals([ask("", "text/csv"), ask("", "application/json, text/csv;q=0.5")], [true, true]);
});
