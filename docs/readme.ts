/** `deno task readme`: puts the table of settings, as src/config.ts prints it, into README.md. */
import { settingsTable } from "../src/config.ts";

const readme = new URL("../README.md", import.meta.url);
const text = await Deno.readTextFile(readme);
const [before, , after] = text.split(/<!-- settings(?: end)? -->/);
if (after === undefined) throw new Error("README.md has lost its settings markers");
await Deno.writeTextFile(
  readme,
  `${before}<!-- settings -->\n\n${settingsTable()}\n\n<!-- settings end -->${after}`,
);
