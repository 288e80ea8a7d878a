/** Every signal against its own attacks and near misses, in fixtures/threats/<signal>.json. */
import { assert, assertEquals } from "@std/assert";
import type { ThreatScore } from "../../src/threats/engine.ts";
import { SIGNALS } from "../../src/threats/signals/mod.ts";
import { REFUSED, scoreJson, scoreQuery, scoreTarget, signalsOf } from "./_requests.ts";

interface Fixture {
  readonly place?: "path" | "user-agent" | "query" | "raw query";
  readonly attack: readonly string[];
  readonly benign: readonly string[];
}

const FOLDER = new URL("../../fixtures/threats/", import.meta.url);

/** The ways the engine meets one text. */
function scoresOf(place: Fixture["place"], text: string): ThreatScore[] {
  if (place === "path") return [scoreTarget(text)];
  if (place === "user-agent") return [scoreTarget("/", { "user-agent": text })];
  if (place === "query") return [scoreQuery(text)];
  if (place === "raw query") return [scoreTarget(`/search?q=${text}`)];
  return [scoreQuery(text), scoreJson(text)];
}

for (const { name } of SIGNALS) {
  const fixture: Fixture = JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, FOLDER)));

  Deno.test(`${name} recognises its attacks`, () => {
    assert(fixture.attack.length > 0);
    for (const text of fixture.attack) {
      const scores = scoresOf(fixture.place, text);
      assert(scores.some((score) => signalsOf(score).includes(name)), `missed by ${name}: ${text}`);
      const best = Math.max(...scores.map(({ payload }) => payload));
      assert(best > REFUSED, `only ${best}: ${text}`);
    }
  });

  Deno.test(`${name} lets its near misses pass`, () => {
    assert(fixture.benign.length > 0);
    for (const text of fixture.benign) {
      for (const { payload, findings } of scoresOf(fixture.place, text)) {
        assert(payload <= REFUSED, `${text}: ${JSON.stringify(findings)}`);
      }
    }
  });
}

Deno.test("every fixture belongs to a signal, and every signal has a name of its own", () => {
  const names = SIGNALS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(".json", ""));
  assertEquals(files.sort(), [...names].sort());
});
