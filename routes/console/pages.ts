/** `/admin/…`: the pages of the console. They use the same rooms as the API, by cookie. */
import type { Services } from "../../src/services.ts";
import type { Endpoints } from "../endpoint/register.ts";
import { accountPages } from "./account.ts";
import { keyPages } from "./keys.ts";
import { signInPages } from "./sign_in.ts";

export function consoleRoutes(endpoints: Endpoints, services: Services): void {
  signInPages(endpoints, services);
  accountPages(endpoints, services);
  keyPages(endpoints, services);
}
