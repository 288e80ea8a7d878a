/** Somebody signs in to a Django site, saves and signs out: in its own pages, and in its admin. */
import type { Page } from "playwright-core";
import { DJANGO_ADMIN } from "./django.ts";
import { fileURLToPath } from "node:url";

const PICTURE = fileURLToPath(new URL("../../docs/shop.png", import.meta.url));
const TEXT = "We don't drop tables; we set them. 1 = 1, and 2 < 3.";

/** Its own sign-in page, which a page for signed-in people sends one to, and forms with a token. */
export async function visitDjangoSite(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: "Add a note" }).click();
  await page.waitForURL("**/accounts/login/?next=/add/");
  await page.getByLabel("Username").fill(DJANGO_ADMIN.user);
  await page.getByLabel("Password").fill(DJANGO_ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/add/");
  await page.getByLabel("Title").fill("Bread & roses");
  await page.getByLabel("Text").fill(TEXT);
  await page.getByLabel("Link").fill(new URL("/add/", page.url()).href);
  await page.getByLabel("Picture").setInputFiles(PICTURE);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("img", { name: "Bread & roses" }).waitFor();
  await page.getByRole("link", { name: "Bread & roses" }).click();
  await page.getByLabel("Title").fill("Bread & more roses");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Bread & more roses").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Nobody is signed in").waitFor();
}

/** At /admin/, so with `BASE_PATH`. */
export async function visitDjangoAdmin(page: Page): Promise<void> {
  await page.goto("/admin/notes/note/");
  await page.waitForURL("**/admin/login/?next=/admin/notes/note/");
  await page.getByLabel("Username").fill(DJANGO_ADMIN.user);
  await page.getByLabel("Password").fill(DJANGO_ADMIN.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("link", { name: "Add note" }).click();
  await page.getByLabel("Title").fill("Don't forget");
  await page.getByLabel("Text").fill(TEXT);
  await page.getByRole("button", { name: "Save and continue editing" }).click();
  await page.getByText("You may edit it again below").waitFor();
  await page.getByLabel("Title").fill("Don't ever forget");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("was changed successfully").waitFor();
  await page.getByRole("textbox", { name: "Search" }).fill("don't ever");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("1 result").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("Nobody is signed in").waitFor();
}
