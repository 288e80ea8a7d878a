/** `/metrics`: the numbers of this isolate as Prometheus text, for whoever has the scrape token. */
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

export function metricsRoutes(endpoints: Endpoints, { metrics }: Pick<Services, "metrics">): void {
  const { registry } = metrics;
  endpoints.define({
    method: "GET",
    path: "/metrics",
    summary: "Prometheus metrics",
    access: "scrape-token",
    answers: { 200: { about: "Prometheus text", type: registry.contentType } },
    handle: async () => reply(200, await registry.metrics()),
  });
}
