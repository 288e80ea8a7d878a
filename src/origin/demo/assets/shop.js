/**
 * What script adds to the shop: a product goes into the cart without leaving the page, search
 * answers while one types, and a choice in a list needs no button. Without it, or when anything in
 * here fails, every form does its work by itself.
 */

/** How long a pause in typing is, in milliseconds. */
const TYPING_PAUSE_MS = 200;
const TOAST_MS = 5_000;

document.documentElement.classList.add("scripted");

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;

/** @param {{ count: number, message: string, cart_url: string, cart_label: string }} cart */
function showAdded({ count, message, cart_url, cart_label }) {
  const badge = document.getElementById("cart-count");
  const toast = document.getElementById("toast");
  if (!badge || !toast) return;
  badge.textContent = String(count);
  badge.hidden = count === 0;
  badge.classList.remove("bump");
  // Reading the size ends the earlier animation, so that it starts anew.
  void badge.offsetWidth;
  badge.classList.add("bump");
  const link = document.createElement("a");
  link.href = cart_url;
  link.textContent = cart_label;
  showToast(message, link);
}

/** @param {(string | Node)[]} content */
function showToast(...content) {
  const toast = document.getElementById("toast");
  if (!toast) return;
  toast.replaceChildren(...content);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.replaceChildren(), TOAST_MS);
}

/**
 * Not `form.action`: in a form with a field of that name, that is the field.
 *
 * @param {HTMLFormElement} form
 */
const addressOf = (form) => form.getAttribute("action") ?? "";

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function addToCart(form, submitter) {
  const response = await globalThis.fetch(addressOf(form), {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(
      [...new FormData(form, submitter)].map(([name, value]) => [name, String(value)]),
    ),
  });
  const answer = await response.json();
  if (response.ok) showAdded(answer);
  else showToast(answer.detail);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("add" in form.dataset)) return;
  event.preventDefault();
  addToCart(form, event.submitter).catch(() => form.submit());
});

document.addEventListener("change", (event) => {
  const form = event.target instanceof HTMLSelectElement ? event.target.form : null;
  if (form && "submitOnChange" in form.dataset) form.requestSubmit(form.querySelector("button"));
});

/** Closes the list of countries when one clicks elsewhere or presses Escape. */
function closeMenus() {
  for (const menu of document.querySelectorAll("details[open]")) menu.removeAttribute("open");
}

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && !event.target.closest("details")) closeMenus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
});

// On a phone the row of categories is wider than the screen.
document.querySelector(".shelves [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

/** @type {XMLHttpRequest | undefined} */
let asked;

/** What of a page is another one when one searches for something else. */
const CHANGING = ["main", ".shelves", ".countries ul"];

/**
 * Puts what the page at `url` shows in place of what this one shows. The browser reads it as a
 * document in which no script runs, so nothing of it is ever taken for code.
 *
 * @param {string} url
 */
function showPage(url) {
  asked?.abort();
  const request = asked = new XMLHttpRequest();
  request.open("GET", url);
  request.setRequestHeader("accept", "text/html");
  request.responseType = "document";
  request.addEventListener("load", () => {
    const page = request.responseXML;
    if (!page || request.status !== 200) return;
    for (const part of CHANGING) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceChildren(...fresh.childNodes);
    }
    document.title = page.title;
    history.replaceState(null, "", url);
  });
  request.send();
}

const field = document.querySelector("input[type=search]");
if (field instanceof HTMLInputElement && field.form) {
  const { form } = field;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = field.value.trim();
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const query = field.value.trim();
      // Elsewhere than on the shelf, searching means going there.
      if (query === shown || !document.getElementById("results")) return;
      shown = query;
      const shelf = addressOf(form);
      showPage(query ? `${shelf}?${new URLSearchParams({ q: query })}` : shelf);
    }, TYPING_PAUSE_MS);
  });
}
