/**
 * Every endpoint asked by every kind of caller. What is expected is worked out here from `access`
 * alone, so that a step that is left out of a route, or a role that counts for too much, shows.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createOwnRoutes } from "../../routes/app.ts";
import type { AnyEndpoint } from "../../routes/endpoint/definition.ts";
import type { Role } from "../../src/auth/roles.ts";
import { type Scope, SCOPES } from "../../src/auth/scopes.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp, type Sent } from "./_identity_app.ts";

interface Asker {
  readonly name: string;
  readonly sent: Sent;
  readonly role?: Role;
  /** What a key may do. */
  readonly scopes?: readonly Scope[];
  readonly realm?: "site";
  readonly scrapes?: boolean;
}

type Verdict = "allowed" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "to sign-in";

const RANKS: Readonly<Record<Role, number>> = { user: 0, analyst: 1, admin: 2 };
const SCRAPE_TOKEN = "a-scrape-token-of-length";
const ALL = Object.keys(SCOPES) as Scope[];

function verdictOf({ access, page }: AnyEndpoint, asker: Asker): Verdict {
  if (access === "public") return "allowed";
  if (access === "scrape-token") return asker.scrapes ? "allowed" : "NOT_FOUND";
  const isKnown = asker.role ?? asker.scopes ?? asker.realm;
  if (!isKnown) return page ? "to sign-in" : "UNAUTHENTICATED";
  if (access === "user") return "allowed";
  const byRole = asker.role !== undefined && RANKS[asker.role] >= RANKS[access.role];
  const byScope = access.scope !== undefined && asker.scopes?.includes(access.scope);
  return byRole || byScope ? "allowed" : "FORBIDDEN";
}

async function askersOf(app: IdentityApp): Promise<Asker[]> {
  const people: Asker[] = [];
  for (const role of ["user", "analyst", "admin"] as const) {
    const { email, token } = await app.person(role);
    const { cookie } = await app.console(email);
    const headers = { origin: "http://gate.example" };
    people.push({ name: `${role} by token`, role, sent: { token } });
    people.push({ name: `${role} by cookie`, role, sent: { cookie, headers } });
  }
  const other = await app.person("user", "other");
  return [
    { name: "anonymous", sent: {} },
    { name: "broken token", sent: { token: people[0].sent.token + "x" } },
    { name: "broken cookie", sent: { cookie: "ghc_00000000000000000000_" + "a".repeat(43) } },
    { name: "user of the site", realm: "site", sent: { token: "user-token-123" } },
    { name: "other user", role: "user", sent: { token: other.token } },
    { name: "scraper", scrapes: true, sent: { token: SCRAPE_TOKEN } },
    ...people,
  ];
}

/** A key with that scope alone, and one with all the others. */
async function keysFor(app: IdentityApp, scope: Scope | undefined): Promise<Asker[]> {
  const sets = scope ? [[scope], ALL.filter((other) => other !== scope)] : [ALL];
  return await Promise.all(sets.map(async (scopes) => ({
    name: scopes.length === 1 ? "key with the scope" : "key without it",
    scopes,
    sent: { token: await app.key(...scopes) },
  })));
}

/** An empty body of the right type: whoever is let in is told about it, and nothing happens. */
function emptyBody({ body, bodyAs }: AnyEndpoint): Sent {
  if (bodyAs === "form") return { form: {} };
  return body ? { json: {} } : {};
}

function ask(app: IdentityApp, endpoint: AnyEndpoint, { sent }: Asker) {
  const body = emptyBody(endpoint);
  const path = endpoint.path.replace(/\{\w+\}/, "nobody");
  const accept = endpoint.page ? { accept: "text/html" } : undefined;
  const headers = { ...sent.headers as Record<string, string>, ...accept };
  return app.send(endpoint.method, path, { ...sent, ...body, headers });
}

Deno.test("every endpoint lets in whom its access names, and nobody else", async (t) => {
  await using app = await openIdentityApp({ env: { METRICS_TOKEN: SCRAPE_TOKEN } });
  const people = await askersOf(app);
  const { endpoints } = createOwnRoutes(app.services);
  // Signing out ends what the other cells are asked with.
  const ordered = endpoints.toSorted((a, b) =>
    Number(a.path === "/admin/logout") - Number(b.path === "/admin/logout")
  );
  let cells = 0;
  for (const endpoint of ordered) {
    const { method, path, access } = endpoint;
    await t.step(`${method} ${path}`, async () => {
      const scope = typeof access === "object" ? access.scope : undefined;
      for (const asker of [...people, ...await keysFor(app, scope)]) {
        cells++;
        assertVerdict(await ask(app, endpoint, asker), verdictOf(endpoint, asker), asker.name);
      }
    });
  }
  assert(cells > 400, `${cells} cells`);
});

function assertVerdict(answer: Awaited<ReturnType<typeof ask>>, verdict: Verdict, name: string) {
  const { status, headers, text } = answer;
  const told = `${name}: ${status} ${text.slice(0, 300)}`;
  if (verdict === "allowed") {
    assert(![401, 403, 405, 500, 503].includes(status), told);
    assert(!headers.get("location")?.includes("/admin/login?"), told);
  } else if (verdict === "to sign-in") {
    assertEquals(status, 303, told);
    assertStringIncludes(headers.get("location") ?? "", "/admin/login?next=%2Fadmin", told);
  } else if (headers.get("content-type")?.startsWith("text/html")) {
    assertEquals(status, { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404 }[verdict], told);
  } else {
    assertEquals(codeOf(answer), verdict, told);
  }
}

Deno.test("nobody sees or ends another's sign-ins, admins included", async (t) => {
  await using app = await openIdentityApp();
  const [ann, bob] = [await app.person("user", "ann"), await app.person("user", "bob")];
  const admin = await app.person("admin");
  const idsOf = async (token: string) =>
    itemsOf(await app.get("/api/v1/auth/sessions", { token })).map(({ id }) => id);

  await t.step("the list holds one's own alone", async () => {
    assertEquals(await idsOf(ann.token), [ann.sessionId]);
    assertEquals(await idsOf(admin.token), [admin.sessionId]);
  });

  await t.step("another's cannot be ended, neither by the API nor by a page", async () => {
    const path = `/api/v1/auth/sessions/${bob.sessionId}`;
    for (const { token } of [ann, admin]) {
      assertEquals(codeOf(await app.send("DELETE", path, { token })), "NOT_FOUND");
      await app.post(`/admin/sign-ins/${bob.sessionId}/end`, { token });
    }
    assertEquals(await idsOf(bob.token), [bob.sessionId]);
  });

  await t.step("one that was ended cannot be told from one that never was", async () => {
    const ended = await app.send("DELETE", "/api/v1/auth/sessions/none", { token: ann.token });
    const others = await app.send("DELETE", `/api/v1/auth/sessions/${bob.sessionId}`, {
      token: ann.token,
    });
    const bare = (answer: typeof ended) => ({ ...answer.json(), request_id: undefined });
    assertEquals(bare(others), bare(ended));
  });

  await t.step("/me is whoever asks", async () => {
    for (const { token, id, email } of [ann, bob]) {
      const me = (await app.get("/api/v1/auth/me", { token })).json();
      assertEquals([me.id, (me.account as { email: string }).email], [id, email]);
    }
  });
});
