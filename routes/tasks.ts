/** `/api/v1/tasks/wake`: another instance of ours says that work waits. */
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

export function taskRoutes(endpoints: Endpoints, { tasks }: Pick<Services, "tasks">): void {
  endpoints.define({
    method: "POST",
    path: "/api/v1/tasks/wake",
    summary: "Ring for background work; signed with TASKS_WAKE_SECRET",
    access: "public",
    answers: { 202: { about: "Heard" } },
    errors: ["NOT_FOUND"],
    async handle({ request }) {
      // Whoever cannot sign is not told that there is a bell.
      if (!await tasks.acceptWake(request.headers)) throw new AppError("NOT_FOUND");
      return reply(202, null);
    },
  });
}
