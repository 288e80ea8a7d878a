/** What our own pages load: one stylesheet. */
import stylesheet from "../src/pages/gatehouse.css" with { type: "text" };
import problemStyle from "../src/pages/problem.css" with { type: "text" };
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

export function assetRoutes(endpoints: Endpoints): void {
  endpoints.define({
    method: "GET",
    path: "/gatehouse.css",
    summary: "Stylesheet of our own pages",
    access: "public",
    page: true,
    answers: { 200: { about: "CSS", type: "text/css; charset=utf-8" } },
    handle: () =>
      reply(200, problemStyle + stylesheet, { "cache-control": "public, max-age=3600" }),
  });
}
