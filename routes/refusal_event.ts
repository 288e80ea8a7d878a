/** Writes down that a request is refused unread, or would be where the gate only watches. */
import type { SecurityEventType } from "../src/incidents/event_types.ts";
import type { Services } from "../src/services.ts";
import type { Passage } from "./opening.ts";

export type NoteRefusal = (passage: Passage, type: SecurityEventType) => void;

export function createNoteRefusal({ config, countryOf, incidents }: Services): NoteRefusal {
  const action = config.GATE_MODE === "enforce" ? "refuse" : "monitor";
  return ({ request: { method, headers }, context: { client, requestId, path } }, type) => {
    const country = countryOf(client, headers);
    incidents.note({ type, action, requestId, ip: client.ip, country, method, path });
  };
}
