import { assertEquals } from "@std/assert";
import { createOwnPaths } from "../../routes/opening.ts";
import { readPath } from "../../src/paths/request_path.ts";

/** The own path of one that is spelled plainly but for what Hono decodes. */
const ownPathOf = (basePath: string) => {
  const own = createOwnPaths(basePath);
  return (path: string) => own(path, readPath(path)!);
};

Deno.test("createOwnPaths() knows our paths from the site's", () => {
  const own = ownPathOf("");
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
    ["/admin.php", undefined],
    ["/index.php/admin", undefined],
  ];
  for (const [path, expected] of table) assertEquals(own(path), expected, path);
});

Deno.test("createOwnPaths() claims all of a base path and nothing outside it", () => {
  const own = ownPathOf("/_gate");
  assertEquals(own("/_gate/healthz/"), "/healthz");
  assertEquals(own("/_gate/anything"), "/anything");
  assertEquals(own("/_gate/"), "/");
  assertEquals(own("/_gateway/healthz"), undefined);
  assertEquals(own("/healthz"), undefined);
  assertEquals(own("/api/v1/events"), undefined);
});

Deno.test("createOwnPaths() lets no other spelling of our paths pass to the origin, nor serves it", () => {
  const table: [basePath: string, paths: string[]][] = [
    ["", [
      "//admin",
      "/ADMIN",
      "/x/../admin",
      "/admin;x/keys",
      "/%2561dmin",
      "/.\\admin",
      "/api//v1/x",
      "/api/v1;a/events",
      "/metrics%2f",
      "/Healthz/",
    ]],
    ["/_gate", ["//_gate/x", "/_GATE/x", "/a/../_gate/x", "/_gate;x/healthz", "/%255fgate/x"]],
  ];
  for (const [basePath, paths] of table) {
    const own = ownPathOf(basePath);
    for (const path of paths) {
      const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
      assertEquals(own(path), bare, path);
    }
  }
});
