/** What the apps need: Debian's packages and a Python environment. Fails with the reason. */
import { runChild } from "../_child.ts";

/** Installs those of Debian's packages that are missing; that takes root. */
export async function requirePrograms(packages: readonly string[]): Promise<void> {
  const states = await Promise.all(
    packages.map((name) => runChild("dpkg", { args: ["-s", name] })),
  );
  const missing = packages.filter((_, index) => !states[index].success);
  if (missing.length === 0) return;
  console.log(`installing ${missing.join(" ")}`);
  await run("apt-get", ["update", "-qq"]);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing]);
}

/** Puts the files of Debian's packages into a folder, without installing them. */
export async function debianFiles(packages: readonly string[], folder: string): Promise<void> {
  const archives = `${folder}/archives`;
  await Deno.mkdir(archives);
  const download = () => run("apt-get", ["download", "-qq", ...packages], archives);
  // Without a list, or with an old one, that names files which are no longer there.
  await download().catch(async () => {
    await run("apt-get", ["update", "-qq"]);
    await download();
  });
  for await (const { name } of Deno.readDir(archives)) {
    if (name.endsWith(".deb")) await run("dpkg", ["-x", `${archives}/${name}`, folder]);
  }
}

/** A Python environment with these packages of PyPI. Returns its interpreter. */
export async function pythonWith(packages: readonly string[], folder: string): Promise<string> {
  await requirePrograms(["python3-venv"]);
  await run("python3", ["-m", "venv", `${folder}/python`]);
  const python = `${folder}/python/bin/python`;
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"];
  await run(python, ["-m", "pip", "install", ...quiet, ...packages]);
  return python;
}

/** Runs a program to its end. Throws what it wrote when it failed. */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<void> {
  const { success, stdout, stderr } = await runChild(program, {
    args: [...args],
    cwd,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  if (success) return;
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  throw new Error(`${program} ${args.join(" ")} failed:\n${said}${complained}`);
}
