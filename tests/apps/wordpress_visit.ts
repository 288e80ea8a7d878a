/** A day of somebody who runs a WordPress: from its installation to signing out. */
import type { Page } from "playwright-core";
import { fileURLToPath } from "node:url";

const PICTURE = fileURLToPath(new URL("../../docs/shop.png", import.meta.url));
const TITLE = "Bread & roses";
const USER = "ada";
const PASSWORD = "Correct-horse 7 battery's <staple>";

export async function visitWordPress(page: Page): Promise<void> {
  await install(page);
  await signIn(page);
  await quickDraft(page);
  await publish(page);
  await changeSettings(page);
  await upload(page);
  await comment(page);
  await moderate(page);
  await signOut(page);
}

/** By a DELETE, which its editor sends as a POST with `X-HTTP-Method-Override`. */
export async function binWordPressPost(page: Page): Promise<void> {
  await signIn(page);
  await page.goto("/wp-admin/edit.php");
  await page.locator("a.row-title", { hasText: TITLE }).click();
  await page.getByRole("button", { name: "Move to trash" }).click();
  await page.getByText("1 post moved to the Trash").waitFor();
  await signOut(page);
}

/** The famous five minutes. */
async function install(page: Page): Promise<void> {
  await page.goto("/");
  await page.waitForURL("**/wp-admin/install.php");
  await page.fill("#weblog_title", "Ada's Notes & Queries");
  await page.fill("#user_login", USER);
  await page.fill("#pass1", PASSWORD);
  await page.fill("#admin_email", "ada@shop.example");
  await page.click("#submit");
  await page.getByRole("heading", { name: "Success!" }).waitFor();
}

async function signIn(page: Page): Promise<void> {
  await page.goto("/wp-login.php");
  await page.fill("#user_login", USER);
  await page.fill("#user_pass", PASSWORD);
  await page.check("#rememberme");
  await page.click("#wp-submit");
  await page.waitForURL("**/wp-admin/");
}

async function quickDraft(page: Page): Promise<void> {
  await page.fill("#quick-press #title", "A draft");
  await page.fill(
    "#quick-press #content",
    "Don't forget: select the best <b>bread</b> from the shop.",
  );
  await page.click("#save-post");
  await page.locator("#dashboard_quick_press .drafts").getByText("A draft").waitFor();
}

/** In the block editor, which saves by REST. */
async function publish(page: Page): Promise<void> {
  await page.goto("/wp-admin/post-new.php");
  await page.getByRole("button", { name: "Close dialog" }).click();
  await page.getByRole("textbox", { name: "Add title" }).fill(TITLE);
  await page.keyboard.press("Enter");
  await page.keyboard.type("We don't drop tables; we set them. 1 = 1, and 2 < 3.");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  const panel = page.getByRole("region", { name: "Editor publish" });
  await panel.getByRole("button", { name: "Publish", exact: true }).click();
  await panel.getByRole("link", { name: "View Post" }).waitFor();
}

async function changeSettings(page: Page): Promise<void> {
  await page.goto("/wp-admin/options-general.php");
  await page.fill("#blogdescription", 'It\'s what I read — and "what I write"');
  await page.click("#submit");
  await page.getByText("Settings saved.").waitFor();
}

async function upload(page: Page): Promise<void> {
  await page.goto("/wp-admin/upload.php");
  await page.goto("/wp-admin/media-new.php");
  await page.locator("input[type=file]").first().setInputFiles(PICTURE);
  await page.locator(".media-item .pinkynail").waitFor();
}

async function comment(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: TITLE }).first().click();
  const link = page.url();
  await page.fill("#comment", `It's lovely; I'd like <b>more</b> of these. See ${link}#comments?`);
  await page.click("#submit");
  await page.getByText("I’d like more").waitFor();
}

async function moderate(page: Page): Promise<void> {
  await page.goto("/wp-admin/edit-comments.php");
  await page.getByText("I’d like more").first().waitFor();
}

async function signOut(page: Page): Promise<void> {
  await page.goto("/wp-admin/");
  await page.locator("#wp-admin-bar-my-account").hover();
  await page.locator("#wp-admin-bar-logout a").click();
  await page.getByText("You are now logged out.").waitFor();
}
