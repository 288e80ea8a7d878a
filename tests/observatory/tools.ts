/** Running a program of someone else, and reading what the Observatory printed. */

/** The folder that everything of a run lives in. */
export interface Place {
  readonly folder: string;
}

/** Runs a program in the folder; answers what it printed. Throws with both outputs if it failed. */
export async function run(
  { folder }: Place,
  [program, ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = new Deno.Command(program, { args, cwd: folder, env });
  const { success, code, stdout, stderr } = await command.output().catch((cause) => {
    throw new Error(`Cannot run ${program}: is it installed?`, { cause });
  });
  const [out, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${program} ${args[0]} failed with ${code}:\n${complaint}${out}`);
  return out;
}

export interface Grade {
  readonly grade: string;
  readonly line: string;
}

interface Report {
  readonly scan: {
    readonly grade: string | null;
    readonly score: number;
    readonly algorithmVersion: number;
  };
  readonly tests: Readonly<
    Record<string, { readonly pass: boolean; readonly scoreModifier: number }>
  >;
}

/** Throws when the scan came to no grade, which is how it says that it reached nothing. */
export function readGrade(output: string): Grade {
  const { scan, tests } = JSON.parse(output) as Partial<Report>;
  if (!scan?.grade || !tests) throw new Error(`The Observatory came to no grade:\n${output}`);
  const all = Object.entries(tests);
  const failed = all.filter(([, { pass }]) => !pass)
    .map(([name, { scoreModifier }]) => `${name} ${scoreModifier}`);
  const { grade, score, algorithmVersion } = scan;
  const passed = `${all.length - failed.length} of ${all.length} tests passed`;
  const missing = failed.length > 0 ? `; not ${failed.join(", ")}` : "";
  return {
    grade,
    line: `MDN HTTP Observatory (algorithm ${algorithmVersion}): ${grade}, score ${score}, ` +
      `${passed}${missing}`,
  };
}
