/** A clone may lie in a folder of any name: with blanks, brackets, `%`, letters of any language. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
/** A URL spells such a folder otherwise than the system does: `fileURLToPath` is for that. */
const SPELLED_AS_URL = /import\.meta\.url\s*\)\s*\.pathname/;

Deno.test("no file takes a path out of its own URL as it is spelled there", () => {
  let read = 0;
  const wrong = ["bench", "docs", "ops", "routes", "src", "tests"].flatMap((folder) =>
    filesBelow(new URL(`${folder}/`, ROOT)).filter((file) => {
      read++;
      return SPELLED_AS_URL.test(Deno.readTextFileSync(file));
    })
  );
  assertEquals(wrong.map(({ pathname }) => pathname), []);
  assert(read > 300, `${read} files`);
});

function filesBelow(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return filesBelow(new URL(`${encodeURIComponent(name)}/`, folder));
    return /\.tsx?$/.test(name) ? [new URL(encodeURIComponent(name), folder)] : [];
  });
}
