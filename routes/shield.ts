/**
 * What the gate does about threats, in three moments: at the door (who may not come in at all), at
 * the request (what its head and body hold), and after the answer (what it tells about the client).
 * The rooms that judge don't know each other; they meet here. Nothing here waits for KV.
 */
import { hasRole } from "../src/auth/roles.ts";
import type { Config } from "../src/config.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import { tellsOfSender } from "./initiator.ts";
import { createJudge, type Judge } from "./judge.ts";
import type { Passage } from "./opening.ts";
import { createNoteRefusal } from "./refusal_event.ts";
import { createRuledCountry } from "./threat_verdict.ts";

type Door = (passage: Passage) => ErrorCode | undefined;

export interface Shield {
  /** Before anything is counted: the refusal, if it is one. */
  readonly door: Door;
  /** The same before anybody acts on the request; a body that was read is put back. */
  readonly judge: Judge;
  /** After the answer. */
  note(passage: Passage, status: number): void;
}

/** What the proxy answers when the client did not wait. */
const CLIENT_GONE = 499;

export function createShield(services: Services): Shield {
  const { config, suspicion, threatRules } = services;
  const isOff = config.GATE_MODE === "off";
  const judge = createJudge(services);
  const judgeLate = (passage: Passage, late: Promise<void>) => late.then(() => judge(passage));
  return {
    door: isOff ? () => undefined : createDoor(services),
    judge(passage) {
      if (isOff) return undefined;
      // Only the first request to the site after a long sleep waits, and not for long.
      const late = passage.target === "site" ? threatRules.catchUp() : undefined;
      return late ? judgeLate(passage, late) : judge(passage);
    },
    note({ request, context, refused, releaseBody }, status) {
      releaseBody?.();
      if (status < 400) return;
      const saysNothing = refused || status === CLIENT_GONE ||
        !tellsOfSender(request, () => context.host);
      suspicion.note(context.client.subject, status, saysNothing);
    },
  };
}

function createDoor(services: Services): Door {
  const { config, blocks, countryRules } = services;
  const enforces = config.GATE_MODE === "enforce";
  const ruledCountry = createRuledCountry(services);
  const noteRefusal = createNoteRefusal(services);

  return (passage) => {
    const { context, request: { headers } } = passage;
    const verdict = blocks.verdict(context.client);
    context.isAllowed = verdict === "allow";
    if (context.isAllowed) return undefined;
    const denied = verdict === "deny";
    if (!denied && !countryRules.isDenied(ruledCountry(context.client, headers))) return undefined;
    noteRefusal(passage, denied ? "blocked_request" : "country_denied");
    return enforces ? "REQUEST_BLOCKED" : undefined;
  };
}

/** Whether the caller may be told a request's score: everybody while only watching, else admins. */
export function mayExplain(
  config: Pick<Config, "GATE_MODE">,
  { headers }: Request,
  { user }: Passage["context"],
): boolean {
  return config.GATE_MODE === "monitor" ||
    (hasRole(user, "admin") && headers.get("x-gatehouse-explain") === "1");
}
