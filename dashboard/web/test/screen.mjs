// What the browser tests share: a Chromium, pages of the board, and what every page must be.
//
//   WARDWATCH_URL   address of a server with a simulated ward
//   WARDWATCH_WARD  ward to open (default: the first the server names)
//   WARDWATCH_LOGIN, WARDWATCH_PASSWORD   where the server does not sign loopback in by itself
//   CHROMIUM        browser (default /usr/bin/chromium)
//   OUT             folder for screenshots (none: none are taken)

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const server = new URL(process.env.WARDWATCH_URL ?? "http://127.0.0.1:8080");
export const sizes = { wall: [1920, 1080], tablet: [1280, 800], phone: [390, 844] };

/** Cards of alerts that nobody has accepted. */
export const waiting = ["persisted", "active", "delivered", "seen"].map((s) => `.card[data-state="${s}"]`).join(", ");

const out = process.env.OUT ?? "";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** One browser; base is the address it finds the server at. */
export async function start(base = server.origin) {
  const complaints = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

  /** Opens a ward's board, or the page at path, without what block names; while page.quiet is set, failed requests are no complaint. */
  async function open({ size = "wall", lang = "vi", scheme = "light", motion = "no-preference", path, block, ready = ".tile" } = {}) {
    const [width, height] = sizes[size];
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: motion });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.quiet = !!block;
    if (block) await page.route(block, (request) => request.abort());
    page.on("pageerror", (e) => complaints.push(`page error: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() === "error" && !page.quiet) complaints.push(`console: ${m.text()}`);
    });
    await page.addInitScript(instrument, lang);
    await signIn(page, base);
    await page.goto(base + (path ?? (await boardPath(page, base))));
    await page.waitForSelector(ready);
    return page;
  }

  /** Ends the browser; without an error so far, whatever it complained of is one. */
  async function end() {
    await browser.close();
    assert.deepEqual(complaints, [], "the console stays silent");
  }
  return { open, end, kill: () => browser.close() };
}

// Runs in the page before it: fixes the language, counts what is sounded and what the policy forbids.
function instrument(lang) {
  localStorage.setItem("wardwatch.lang", lang);
  window.__struck = 0;
  const seen = new MutationObserver(() => {
    if (!document.querySelector(".tile")) return;
    window.__first = performance.now();
    seen.disconnect();
  });
  seen.observe(document, { childList: true, subtree: true });
  window.__violations = [];
  document.addEventListener("securitypolicyviolation", (e) => window.__violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  const strike = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...a) {
    window.__struck++;
    return strike.apply(this, a);
  };
}

async function signIn(page, base) {
  const login = process.env.WARDWATCH_LOGIN;
  if (!login) return;
  const res = await page.request.post(base + "/api/v1/session", { data: { login, password: process.env.WARDWATCH_PASSWORD ?? "" } });
  assert.ok(res.ok(), `sign-in answered ${res.status()}`);
}

async function boardPath(page, base) {
  if (process.env.WARDWATCH_WARD) return `/board/${process.env.WARDWATCH_WARD}`;
  const res = await page.request.get(base + "/api/v1/wards");
  assert.ok(res.ok(), `GET /wards answered ${res.status()}`);
  return `/board/${(await res.json())[0].id}`;
}

export async function shot(page, name) {
  if (!out) return;
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: join(out, name + ".png") });
}

/** Turns the sound on where the browser holds it back; one that does not needs a moment to say so. */
export async function soundOn(page) {
  const on = page.locator('.bar-sound[aria-pressed="true"]');
  const free = await on.waitFor({ timeout: 2000 }).then(() => true, () => false);
  if (!free) await page.locator(".bar-sound").click();
  await on.waitFor();
}

/**
 * Looks at a page's structure; a tall one at once as a whole, where what stands at the foot of the screen
 * covers part of it until somebody scrolls.
 */
export async function accessible(page, what, tall = false) {
  const size = page.viewportSize();
  if (tall) await page.setViewportSize({ ...size, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  // Evaluated through the debugger, so that the policy need not be weakened for the test.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} (${v.help}) ${n.any[0]?.message ?? ""}`));
  if (tall) await page.setViewportSize(size);
  assert.deepEqual(found.slice(0, 12), [], `axe on ${what}`);
}

/** Nothing may run out of its tile, and nothing in it may be cut off unseen. */
export async function unclipped(page, what) {
  const found = await page.evaluate(() => {
    const bad = [];
    for (const box of document.querySelectorAll(".tile, .card, .bar, .sheet")) {
      const outer = box.getBoundingClientRect();
      for (const el of box.querySelectorAll("*")) {
        const r = el.getBoundingClientRect();
        if (r.width <= 2 || r.height <= 2 || el.closest(".vh, .bar-waiting-words") || el.closest("svg") || el.closest(".sheet-body")) continue;
        if (el.matches(".tile-who b[title]") && r.width > 90) continue; // a very long name: its year of birth goes before its end
        const cut = el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 2 && getComputedStyle(el).overflowX === "hidden";
        const over = r.right > outer.right + 1 || r.bottom > outer.bottom + 1;
        if (cut || over) bad.push(`${box.dataset.bed ?? box.className} ${el.className}: ${el.textContent.slice(0, 50)}`);
      }
    }
    return bad;
  });
  assert.deepEqual(found.slice(0, 12), [], `clipped text on ${what}`);
}

/** The content security policy forbade nothing of what the page does. */
export async function obedient(page) {
  assert.deepEqual(await page.evaluate(() => window.__violations), [], "content security policy");
}

export async function step(name, run) {
  const started = performance.now();
  await run();
  console.log(`ok  ${name}  ${Math.round(performance.now() - started)} ms`);
}
