/** What the pages of the console answer. */
import type { Services } from "../../src/services.ts";
import type { AnswerSpec, Caller } from "../endpoint/definition.ts";
import { AppError } from "../../src/errors/app_error.ts";

const HTML = "text/html; charset=utf-8";

const PAGE = { about: "The page", type: HTML } as const satisfies AnswerSpec;
const AGAIN = { about: "The form again, with what was wrong", type: HTML } as const;
const ONWARD = { about: "On to the next page" } as const satisfies AnswerSpec;

/** A page that only shows. */
export const SHOWN = { 200: PAGE } as const;
/** A form: shown again when something was wrong with it, else left for another page. */
export const SENT = { 303: ONWARD, 422: AGAIN } as const;
/** A form whose result is shown on the same page. */
export const SENT_OR_SHOWN = { 200: PAGE, 303: ONWARD, 422: AGAIN } as const;

export const shown = (html: string) => ({ status: 200, body: html }) as const;

export const again = (html: string) => ({ status: 422, body: html }) as const;

export const onward = (location: string, cookie?: string) => ({
  status: 303,
  headers: { location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) },
  body: null,
} as const);

/** The sentence a person is shown about a refused form; anything unexpected is thrown on. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof AppError) || error.spec.status >= 500) throw error;
  const { detail, extensions } = error.options;
  const errors = extensions?.errors;
  // What is wrong with which field says more than that something is.
  if (Array.isArray(errors)) return errors.map((one) => `${one.detail}.`).join(" ");
  return detail ?? `${error.spec.title}.`;
}

/** The frame of a signed-in person's page. */
export async function frameOf(
  { config, identity }: Pick<Services, "config" | "identity">,
  { user }: Caller,
  title: string,
) {
  const account = await identity.accounts.get(user.id);
  if (!account) throw new AppError("UNAUTHENTICATED");
  const { email, role } = account;
  const frame = { title, basePath: config.BASE_PATH, email, isAdmin: role === "admin" };
  return { frame, account };
}
