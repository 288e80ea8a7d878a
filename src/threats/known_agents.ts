/**
 * Remembers the user agents that were found clean: thousands of requests carry the same few, and
 * each is longer than the rest of a plain request together.
 */

export interface KnownAgents {
  has(agent: string): boolean;
  add(agent: string): void;
}

const AGENT_LENGTH_MAX = 400;

/** Keeps at most `sizeMax` agents; when full it starts again, as any of them is cheap to relearn. */
export function createKnownAgents(sizeMax: number): KnownAgents {
  const agents = new Set<string>();
  return {
    has: (agent) => agents.has(agent),
    add(agent) {
      if (agent.length > AGENT_LENGTH_MAX) return;
      if (agents.size >= sizeMax) agents.clear();
      agents.add(agent);
    },
  };
}
