/** `/api/v1/security/blocks…` and `/lists…`: who may not come in, by rule or by hand. */
import { z } from "zod";
import type { Block } from "../src/kv/keys.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import { iso, pageFields, pageOf, time } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";

const read = { role: "analyst", scope: "security:read" } as const;
const write = { role: "admin", scope: "security:write" } as const;

const SECONDS_MAX = 365 * 24 * 3_600;
const ENTRIES_MAX = 10_000;
const LIST_BYTES_MAX = 2 * 1024 * 1024;

const BlockView = z.object({
  target: z.string().describe("An address, a /64 or a range"),
  reason: z.string(),
  author: z.string().describe("`automatic`, or who added it"),
  automatic: z.boolean(),
  from: time,
  until: time,
  times: z.number().int().describe("Blocks in a row, this one included"),
});

function blockOf(block: Block): z.input<typeof BlockView> {
  const { target, reason, author, automatic, at, until, times } = block;
  return { target, reason, author, automatic, from: iso(at), until: iso(until), times };
}

const List = z.object({
  version: z.number().int(),
  entries: z.array(z.object({ cidr: z.string(), note: z.string().optional() })),
});
const listName = z.object({ name: z.enum(["allow", "deny"]) });

export function blockRoutes(endpoints: Endpoints, services: Services): void {
  blockEndpoints(endpoints, services);
  listEndpoints(endpoints, services);
}

function blockEndpoints(endpoints: Endpoints, { blocks, suspicion }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/security/blocks",
    summary: "Blocks, newest first",
    access: read,
    query: z.object({
      ...pageFields,
      state: z.enum(["active", "ended"]).optional(),
      automatic: z.enum(["true", "false"]).transform((text) => text === "true").optional(),
    }),
    csv: [
      { name: "target" },
      { name: "reason" },
      { name: "author" },
      { name: "automatic" },
      { name: "from" },
      { name: "until" },
      { name: "times" },
    ],
    answers: { 200: { about: "A page of blocks", schema: pageOf(BlockView) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query }) {
      const found = await blocks.list(query);
      return reply(200, { items: found.items.map(blockOf), next_cursor: found.next_cursor });
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/security/blocks",
    summary: "Block an address or a range; known everywhere within 5 seconds",
    access: write,
    idempotent: true,
    body: z.object({
      target: z.string().min(2).max(50).describe("An address or a CIDR"),
      seconds: z.number().int().min(1).max(SECONDS_MAX).default(3_600),
      reason: z.string().trim().min(1).max(200),
    }),
    example: { target: "203.0.113.7", seconds: 3_600, reason: "Credential stuffing" },
    answers: { 201: { about: "The block", schema: BlockView } },
    errors: ["BLOCK_LIST_FULL", "CONFLICT"],
    handle: async ({ body, caller }) => reply(201, blockOf(await blocks.add(body, caller.actor))),
  });

  endpoints.define({
    method: "DELETE",
    path: "/api/v1/security/blocks/{target}",
    summary: "Lift a block",
    access: write,
    params: z.object({
      target: z.string().min(2).max(60).describe("As the list shows it, `/` written as `%2F`"),
    }),
    answers: { 204: { about: "Lifted" } },
    errors: ["NOT_FOUND", "CONFLICT"],
    async handle({ params: { target }, caller }) {
      if (!await blocks.lift(target, caller.actor)) throw new AppError("NOT_FOUND");
      await suspicion.forget(target);
      return reply(204, null);
    },
  });
}

function listEndpoints(endpoints: Endpoints, { blocks }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/security/lists/{name}",
    summary: "The allow or the deny list",
    access: read,
    params: listName,
    versioned: true,
    answers: { 200: { about: "Ranges, and the version of the list", schema: List } },
    handle: async ({ params }) => reply(200, await blocks.getList(params.name)),
  });

  endpoints.define({
    method: "PUT",
    path: "/api/v1/security/lists/{name}",
    summary: "Replace the allow or the deny list",
    access: write,
    params: listName,
    versioned: true,
    bodyBytesMax: LIST_BYTES_MAX,
    body: z.object({
      version: z.number().int().min(0).optional().describe("Of the list this was made from"),
      entries: z.array(z.strictObject({
        cidr: z.string().min(2).max(50),
        note: z.string().max(100).optional(),
      })).max(ENTRIES_MAX),
    }),
    example: { entries: [{ cidr: "198.51.100.0/24", note: "Office" }] },
    answers: { 200: { about: "The list as it is now", schema: List } },
    errors: ["CONFLICT", "PRECONDITION_FAILED"],
    async handle({ params, body, caller, request, ifMatch }) {
      if (request.headers.has("if-match")) await ifMatch(await blocks.getList(params.name));
      return reply(200, await blocks.putList(params.name, body, caller.actor));
    },
  });
}
