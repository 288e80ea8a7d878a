import { assertEquals, assertStringIncludes } from "@std/assert";
import { type ErrorCode, ERRORS } from "../../../../src/errors/codes.ts";
import { renderErrorPage } from "../../../../src/origin/demo/pages/error_page.tsx";
import type { AppErrorOptions } from "../../../../src/errors/app_error.ts";
import { gateOf } from "../_shop.ts";

function render(code: ErrorCode, path: string, language = "", options?: AppErrorOptions): string {
  const headers = { "accept-language": language };
  const request = new Request(`http://shop.example${path}`, { headers });
  return renderErrorPage(code, request, gateOf(request), options);
}

const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

Deno.test("renderErrorPage() has words for every error, and nothing of its inside", () => {
  for (const code of CODES) {
    const html = render(code, "/us/products", "", { detail: "SECRET" });
    assertStringIncludes(html, "<!doctype html>");
    assertStringIncludes(html, "Reference test-1");
    assertStringIncludes(html, `<meta name="robots" content="noindex"`);
    assertEquals(html.includes(code) || html.includes("SECRET"), false, code);
  }
});

Deno.test("renderErrorPage() speaks the language of the path, then of the browser", () => {
  assertStringIncludes(render("NOT_FOUND", "/de/x", "ja"), "Dieses Regal ist leer");
  assertStringIncludes(render("NOT_FOUND", "/nowhere", "fr"), "Cette étagère est vide");
  assertStringIncludes(render("NOT_FOUND", "/nowhere", "ko"), "This shelf is empty");
});

Deno.test("renderErrorPage() tells who was too fast how long to wait", () => {
  const options = { headers: { "Retry-After": "37" } };
  assertStringIncludes(render("RATE_LIMITED", "/us/products", "", options), "in 37 s.");
  assertStringIncludes(render("RATE_LIMITED", "/jp/cart", "", options), "37秒後");
  assertStringIncludes(render("RATE_LIMITED", "/us/products"), "in 60 s.");
});

Deno.test("renderErrorPage() leads on to the country's products", () => {
  assertStringIncludes(render("NOT_FOUND", "/BR/x"), `href="/br/products"`);
});
