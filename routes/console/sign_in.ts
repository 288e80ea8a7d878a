/** `/admin/setup`, `/admin/login`, `/admin/logout`, `/admin/confirm`. */
import { z } from "zod";
import { setCookie } from "../../src/auth/console_cookie.ts";
import { LIVES } from "../../src/auth/session_rules.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { confirmPage, setupPage, signInPage } from "../../src/pages/console/sign_in_pages.tsx";
import type { Services } from "../../src/services.ts";
import { SECOND } from "../../src/time.ts";
import type { Endpoints } from "../endpoint/register.ts";
import { clientOf, countAttempt } from "../sign_in_rules.ts";

import { again, frameOf, onward, SENT, sentenceOf, SHOWN, shown } from "./reply.ts";

const text = z.string().max(1_024);
/** Only pages of the console: a link to the sign-in must not lead anywhere else. */
const next = z.string().regex(/^\/admin(?:\/[\w/-]{0,200})?$/).catch("/admin");

const COOKIE_LIFE_S = LIVES["console"].wholeMs / SECOND;

export function signInPages(endpoints: Endpoints, services: Services): void {
  setupPages(endpoints, services);
  doorPages(endpoints, services);
  confirmPages(endpoints, services);
}

function setupPages(endpoints: Endpoints, { config, identity }: Services): void {
  const basePath = config.BASE_PATH;

  endpoints.define({
    method: "GET",
    // In the path, since a query would be taken out of every log, the start's own line included.
    path: "/admin/setup/{token}",
    summary: "Form of the set-up link",
    access: "public",
    page: true,
    params: z.object({ token: text }),
    answers: SHOWN,
    async handle({ params }) {
      if (await identity.setup.isDone()) throw new AppError("SETUP_DONE");
      return shown(setupPage({ basePath }, params.token));
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/setup",
    summary: "Create the first admin",
    access: "public",
    page: true,
    bodyAs: "form",
    body: z.object({ token: text, email: text, password: text }),
    answers: SENT,
    async handle({ body, gate }) {
      try {
        await identity.setup.redeem(body, gate.requestId);
      } catch (error) {
        const alert = sentenceOf(error);
        return again(setupPage({ basePath, alert }, body.token, body.email));
      }
      return onward(`${basePath}/admin/login?made`);
    },
  });
}

function doorPages(endpoints: Endpoints, services: Services): void {
  const { config, identity } = services;
  const basePath = config.BASE_PATH;

  endpoints.define({
    method: "GET",
    path: "/admin/login",
    summary: "Sign-in form",
    access: "public",
    page: true,
    query: z.object({ next: next.default("/admin"), made: z.string().optional() }),
    answers: SHOWN,
    handle({ query: { next, made } }) {
      const notice = made === undefined ? undefined : "The admin is made. Now sign in.";
      return shown(signInPage({ basePath, notice }, { next, wantsCode: false }));
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/login",
    summary: "Sign in",
    access: "public",
    page: true,
    bodyAs: "form",
    body: z.object({ email: text, password: text, code: text.optional(), next }),
    answers: SENT,
    async handle({ body, request, gate }) {
      try {
        await countAttempt(services, body.email);
        const client = clientOf(request, gate);
        const { cookie } = await identity.signIn.withConsole({
          ...body,
          client,
          requestId: gate.requestId,
        });
        return onward(basePath + body.next, setCookie(cookie, COOKIE_LIFE_S));
      } catch (error) {
        const alert = sentenceOf(error);
        return again(signInPage({ basePath, alert }, { ...body, wantsCode: wantsCode(error) }));
      }
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/logout",
    summary: "Sign out",
    access: { role: "user" },
    page: true,
    answers: SENT,
    async handle({ caller: { user, session, actor } }) {
      if (session) await identity.sessions.revoke(user.id, session.id, actor.requestId);
      return onward(`${basePath}/admin/login`, setCookie(undefined));
    },
  });
}

function confirmPages(endpoints: Endpoints, services: Services): void {
  const { config, identity } = services;
  const title = "Confirm it is you";

  endpoints.define({
    method: "GET",
    path: "/admin/confirm",
    summary: "Form of the password before a dangerous act",
    access: { role: "user" },
    page: true,
    query: z.object({ next: next.default("/admin") }),
    answers: SHOWN,
    async handle({ query, caller }) {
      const { frame } = await frameOf(services, caller, title);
      return shown(confirmPage(frame, query.next));
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/confirm",
    summary: "Confirm by password",
    access: { role: "user" },
    page: true,
    bodyAs: "form",
    body: z.object({ password: text, next }),
    answers: SENT,
    async handle({ body, caller }) {
      const { frame, account } = await frameOf(services, caller, title);
      try {
        if (!caller.session) throw new AppError("FORBIDDEN");
        const { session } = caller;
        await identity.accountPasswords.reauthenticate(account.id, session.id, body.password);
      } catch (error) {
        const alert = sentenceOf(error);
        return again(confirmPage({ ...frame, alert }, body.next));
      }
      return onward(config.BASE_PATH + body.next);
    },
  });
}

function wantsCode(error: unknown): boolean {
  return error instanceof AppError && error.code === "SECOND_FACTOR_REQUIRED";
}
