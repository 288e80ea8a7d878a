/**
 * Redocly's linter, the program itself, over our OpenAPI document. Prints what it says and fails on
 * an error or a warning. It needs Node, and npm's registry or cache.
 */
import { createTestApp } from "../_app.ts";

const PACKAGE = "@redocly/cli@2.77.0";

const file = await Deno.makeTempFile({ prefix: "gatehouse_openapi_", suffix: ".json" });
try {
  await using app = await createTestApp();
  await Deno.writeTextFile(file, (await app.ask("/openapi.json")).text);
  const { code } = await new Deno.Command("npx", {
    args: ["-y", PACKAGE, "lint", file, "--extends", "recommended-strict"],
    env: { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  }).spawn().status;
  Deno.exitCode = code;
} finally {
  await Deno.remove(file);
}
