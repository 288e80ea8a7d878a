/**
 * Detection, false positives and cost of the threat engine, printed and kept in
 * bench/results/threats.txt: `deno task bench:threats [folder with dev-train.jsonl, dev-test.jsonl]`.
 */
import { fileURLToPath } from "node:url";
import { createCommand, readWords } from "../ops/command_line.ts";
import { createThreatEngine } from "../src/threats/engine.ts";
import { readCorpus, type Sample } from "./threats/corpus.ts";
import { hostileLines, measureCost } from "./threats/cost.ts";
import { measureFlood } from "./threats/flood.ts";
import { ratesOf } from "./threats/rates.ts";
import { sendThroughHttp } from "./threats/through_http.ts";

const command = createCommand("deno task bench:threats", "Detection and cost of the engine.")
  .argument("[folder]", "where dev-train.jsonl and dev-test.jsonl are");
const folder: string = readWords(command).args[0] ??
  fileURLToPath(new URL("../../shared/data/threats", import.meta.url));
const engine = createThreatEngine();
const lines = [
  `Threat engine, ${new Date().toISOString().slice(0, 10)}, Deno ${Deno.version.deno}, ` +
  `${navigator.hardwareConcurrency} cores, ${await processor()}`,
  "",
];
for (const name of ["dev-train", "dev-test"]) {
  const path = `${folder}/${name}.jsonl`;
  try {
    const samples = await readCorpus(path);
    lines.push(name, ...ratesOf(samples, samples.map(scoreOf)), "");
    if (name === "dev-test") lines.push(...await httpPart(samples), "");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    lines.push(`${name}: no corpus at ${path}; pass its folder as an argument`, "");
  }
}
lines.push("cost", ...measureCost(engine), ...hostileLines(engine, 10_000), "");
lines.push(...await measureFlood({ requests: 100_000, addresses: 10_000 }));
console.log(lines.join("\n"));
await Deno.writeTextFile(
  new URL("results/threats.txt", import.meta.url),
  lines.join("\n") + "\n",
);

function scoreOf({ head, body }: Sample): number {
  const scored = engine.scoreHead(head);
  return (body ? engine.scoreBody(head, body, scored) : scored).payload;
}

async function httpPart(samples: readonly Sample[]): Promise<string[]> {
  const { scores, unparsed } = await sendThroughHttp(samples);
  const differs = samples.filter((sample, at) => (scoreOf(sample) > 0.8) !== (scores[at] > 0.8));
  return [
    "dev-test through HTTP: every request on a socket of its own, the whole app with its defaults",
    ...ratesOf(samples, scores),
    `refused by the server's HTTP parser: ${unparsed}`,
    `decided otherwise than in process: ${differs.map(({ id }) => id).join(" ") || "none"}`,
  ];
}

async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /model name\s*:\s*(.+)/.exec(info)?.[1] ?? Deno.build.arch;
}
