/** A Django project of today as `startproject` makes it, with an app of one model, on a free port. */
import { freePort } from "../gateway/_process.ts";
import { pythonWith, run } from "./install.ts";
import { type App, start } from "./process.ts";
import { fileURLToPath } from "node:url";

/** Pillow is what its pictures take. */
const PACKAGES = ["django==5.2.19", "pillow"];
const FILES = new URL("./django/", import.meta.url);

export const DJANGO_ADMIN = { user: "ada", password: "Correct-horse 7 battery's <staple>" };

export async function startDjango(folder: string): Promise<App> {
  const python = await pythonWith(PACKAGES, folder);
  const site = `${folder}/site`;
  await Deno.mkdir(site);
  await run(python, ["-m", "django", "startproject", "site_of_notes", site]);
  await run("cp", ["-r", `${fileURLToPath(FILES)}notes`, `${site}/notes`]);
  // What somebody adds to the settings that `startproject` writes, and nothing about proxies.
  await append(`${site}/site_of_notes/settings.py`, await ours("settings.py"));
  await append(`${site}/site_of_notes/urls.py`, await ours("urls.py"));
  const manage = (...args: string[]) => run(python, [`${site}/manage.py`, ...args], site);
  await manage("makemigrations", "notes", "--verbosity=0");
  await manage("migrate", "--verbosity=0");
  await run("env", [
    `DJANGO_SUPERUSER_PASSWORD=${DJANGO_ADMIN.password}`,
    ...[python, `${site}/manage.py`, "createsuperuser", "--noinput", "--verbosity=0"],
    ...[`--username=${DJANGO_ADMIN.user}`, "--email=ada@shop.example"],
  ]);
  const url = `http://127.0.0.1:${freePort()}`;
  const server = await start(python, {
    args: [`${site}/manage.py`, "runserver", "--noreload", new URL(url).host],
    env: { PYTHONUNBUFFERED: "1" },
  }, /Starting development server|Quit the server/);
  return {
    name: "Django",
    url,
    output: server.output,
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}

const ours = (name: string) => Deno.readTextFile(new URL(name, FILES));
const append = (path: string, text: string) => Deno.writeTextFile(path, text, { append: true });
