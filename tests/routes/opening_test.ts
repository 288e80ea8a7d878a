import { assertEquals } from "@std/assert";
import { createOwnPaths } from "../../routes/opening.ts";

Deno.test("createOwnPaths() knows our paths from the site's", () => {
  const own = createOwnPaths("");
  const table: [string, string | undefined][] = [
    ["/healthz", "/healthz"],
    ["/healthz/", "/healthz"],
    ["/api/v1/events/", "/api/v1/events"],
    ["/api/v1", "/api/v1"],
    ["/admin/funnel", "/admin/funnel"],
    ["/gatehouse.css", "/gatehouse.css"],
    ["/", undefined],
    ["/api/v2/things", undefined],
    ["/api", undefined],
    ["/administrator", undefined],
    ["/healthzz", undefined],
    ["/us/products", undefined],
    ["//admin", undefined],
  ];
  for (const [path, expected] of table) assertEquals(own(path), expected, path);
});

Deno.test("createOwnPaths() claims all of a base path and nothing outside it", () => {
  const own = createOwnPaths("/_gate");
  assertEquals(own("/_gate/healthz/"), "/healthz");
  assertEquals(own("/_gate/anything"), "/anything");
  assertEquals(own("/_gate/"), "/");
  assertEquals(own("/_gateway/healthz"), undefined);
  assertEquals(own("/healthz"), undefined);
  assertEquals(own("/api/v1/events"), undefined);
});
