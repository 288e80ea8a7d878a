import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createPathReader,
  PATH_LENGTH_MAX,
  readPath,
  sentPath,
  SPELLINGS_MAX,
} from "../../src/paths/request_path.ts";
import { folded } from "../../src/paths/spellings.ts";
import { SERVERS } from "./_servers.ts";

Deno.test("readPath() finds /login in every spelling that some server takes for it", () => {
  const spellings = [
    "/login",
    "/login/",
    "/LOGIN",
    "//login",
    "/x/../login",
    "/./login",
    "/login;x",
    "/;a=b/login",
    "/login;x=/",
    "/log%69n",
    "/log%2569n",
    "/log%u0069n",
    "/%c1%acogin",
    "/login%20",
    "/login.",
    "/login%0a",
    "/login%00.css",
    "/login%3fx",
    "/login%23x",
    "/login::$DATA",
    "/x%2f..%2flogin",
    "/x%5c..%5clogin",
    "/x\\..\\login",
    "/..;/login",
    "/.;x/login",
    "/login.json",
    "/index.php/login",
    "/login/index.php",
    "/(S(abc))/login",
    "/%EF%BD%8Cogin",
    "//shop.example/login",
    "///shop.example/login",
    "/\\shop.example/login",
    "\\\\shop.example\\login",
    "//user:x@[::1]:80/a/../login/",
    "//x;y/%6cogin;z",
    "/x/..%ef%bc%8flogin",
    "/x/%ef%bc%8e%ef%bc%8e/login",
    "/x%ef%bc%bc..%ef%bc%bclogin",
    "/x/%e2%80%a5/login",
    "/x/..%20/login",
    "/x/%2e%2e%20%20/login",
    "/.%20/login",
    "/x/..%09%20/login",
    "/log%C4%B1n",
    "/LOG%C4%B0N",
    "/logI%CC%87n",
  ];
  for (const path of spellings) {
    assert(readPath(path)?.readings.includes("/login"), `${path}: ${readPath(path)?.readings}`);
  }
});

Deno.test("readPath() leaves other paths what they are", () => {
  const others = ["/logins", "/x/login", "/log/in", "/login-help", "/login%2525", "/login/reset"];
  for (const path of others) assert(!readPath(path)?.readings.includes("/login"), path);
});

Deno.test("readPath() gives a plain path one spelling, and one reading but for its suffix", () => {
  const table: [path: string, readings: string[], extension: string][] = [
    ["/", ["/"], ""],
    ["/us/products", ["/us/products"], ""],
    ["/us/products/", ["/us/products"], ""],
    ["/Caf%C3%A9/Men%C3%BC", ["/café/menü"], ""],
    ["/.well-known/acme", ["/.well-known/acme"], ""],
    ["/@scope/pkg@1.0/a+b,c.js", ["/@scope/pkg@1.0/a+b,c.js", "/@scope/pkg@1.0/a+b,c"], "js"],
    ["/a.min.css", ["/a.min.css", "/a.min"], "css"],
    ["/IMG_1.JPEG", ["/img_1.jpeg", "/img_1"], "jpeg"],
  ];
  for (const [path, readings, extension] of table) {
    const read = readPath(path);
    assertEquals(read?.readings, readings, path);
    assertEquals(read?.extension, extension, path);
    assertEquals(read?.spellings.length, 1, path);
  }
});

Deno.test("readPath() takes nothing for an asset that some server runs", () => {
  const disguised = [
    "/search;x.css",
    "/search%00.css",
    "/search%3f.css",
    "/search%23.css",
    "/search.php/x.css",
    "/index.php/x.css",
    "/search%3bx.css",
    "/a.css/../search",
    "/a.css%2f..%2fsearch",
    "/search::$DATA.css",
  ];
  for (const path of disguised) assertEquals(readPath(path)?.extension, "", path);
});

Deno.test("readPath() refuses what is longer than servers take, and tricks upon tricks", () => {
  assert(readPath(`/${"é".repeat(PATH_LENGTH_MAX - 1)}`));
  assertEquals(readPath(`/${"é".repeat(PATH_LENGTH_MAX)}`), undefined);
  // A diagram or a signed address may be long; it is plain.
  assert(readPath(`/svg/${"Qk3_-".repeat(10_000)}`));
  assertEquals(readPath("/a%2f..%5c..;x/%252e%252e%252f%253b\\%00b%25252f;y"), undefined);
});

/** Pieces of paths, with everything that some server treats in a way of its own. */
const PIECES = [
  "a",
  "B",
  "login",
  "/",
  "//",
  ".",
  "..",
  "/../",
  ";",
  ";x",
  "\\",
  "%2f",
  "%5C",
  "%2e",
  "%252e",
  "%3b",
  "%00",
  "%3f",
  "%23",
  "%20",
  "%c3%a9",
  "%ef%bc%8f",
  "%ef%bc%8e",
  "%c4%b1",
  "//x/",
  ".php",
  ".php/",
  ".css",
  ".json",
];
const sent = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 })
  .map((pieces) => `/${pieces.join("")}`);

Deno.test("readPath() has among its readings what each server would read", () => {
  fc.assert(
    fc.property(sent, fc.constantFrom(...SERVERS), (path, server) => {
      const read = readPath(path);
      const served = server.read(path);
      if (read === undefined || served === undefined) return;
      const wanted = folded(served);
      assert(
        read.readings.includes(wanted),
        `${server.name} reads ${path} as ${wanted}, not one of ${read.readings.join(" ")}`,
      );
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("readPath() is bounded, and reads a reading as itself", () => {
  fc.assert(
    fc.property(sent, (path) => {
      const read = readPath(path);
      if (!read) return;
      assert(read.spellings.length <= SPELLINGS_MAX);
      assert(read.readings.length <= 20 * SPELLINGS_MAX);
      for (const reading of read.readings) {
        assert(reading.startsWith("/") && !reading.includes("//") && reading.length <= path.length);
      }
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("createPathReader() remembers paths without mixing them up", () => {
  const read = createPathReader();
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 5_000; at++) assertEquals(read(`/P/${at}`)?.spellings, [`/p/${at}`]);
  }
});

Deno.test("sentPath() is what stands between authority and query", () => {
  const table: [url: string, path: string][] = [
    ["http://h/a/b?x=/c", "/a/b"],
    ["http://h", "/"],
    ["http://h?x=/login", "/"],
    ["http://h#/login", "/"],
    ["http://h/a#b?c", "/a"],
    ["http://u:p@[::1]:80//a", "//a"],
    ["http://h/a%3fb?c", "/a%3fb"],
  ];
  for (const [url, path] of table) assertEquals(sentPath(url), path, url);
});
