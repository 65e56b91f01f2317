// Drives the ward board in a real Chromium against a running server.
//
//   WARDWATCH_URL   address of a server with a simulated ward in which a bed deteriorates
//   WARDWATCH_WARD  ward to open (default: the first the server names)
//   WARDWATCH_LOGIN, WARDWATCH_PASSWORD   where the server does not sign loopback in by itself
//   CHROMIUM        browser (default /usr/bin/chromium)
//   OUT             folder for screenshots (none: none are taken)
//   ALERT_WAIT      seconds to wait for the first alert (default 300)

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { relay } from "./proxy.mjs";

const target = new URL(process.env.WARDWATCH_URL ?? "http://127.0.0.1:8080");
const out = process.env.OUT ?? "";
const alertWait = Number(process.env.ALERT_WAIT ?? 300) * 1000;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { wall: [1920, 1080], tablet: [1280, 800], phone: [390, 844] };

const waiting = '.card[data-state="active"], .card[data-state="delivered"], .card[data-state="seen"], .card[data-state="persisted"]';
const complaints = [];

const link = await relay(target);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open({ size = "wall", lang = "vi", scheme = "light", path, motion = "no-preference" } = {}) {
  const [width, height] = sizes[size];
  // axe is injected by the test and not by the page; the policy itself is watched for violations below.
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: motion, bypassCSP: false });
  const page = await context.newPage();
  page.quiet = false;
  page.on("pageerror", (e) => complaints.push(`page error: ${e.message}`));
  page.on("console", (m) => {
    // While the link is cut on purpose the browser reports the failed requests; nothing else may.
    if (m.type() === "error" && !page.quiet) complaints.push(`console: ${m.text()}`);
  });
  await page.addInitScript(instrument, lang);
  await signIn(page);
  await page.goto(link.url + (path ?? (await boardPath(page))));
  await page.waitForSelector(".tile");
  return page;
}

// Runs in the page before it: fixes the language and counts what is sounded.
function instrument(lang) {
  localStorage.setItem("wardwatch.lang", lang);
  window.__struck = 0;
  window.__violations = [];
  document.addEventListener("securitypolicyviolation", (e) => window.__violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...a) {
    window.__struck++;
    return start.apply(this, a);
  };
}

async function signIn(page) {
  const login = process.env.WARDWATCH_LOGIN;
  if (!login) return;
  const res = await page.request.post(link.url + "/api/v1/session", { data: { login, password: process.env.WARDWATCH_PASSWORD ?? "" } });
  assert.ok(res.ok(), `sign-in answered ${res.status()}`);
}

async function boardPath(page) {
  if (process.env.WARDWATCH_WARD) return `/board/${process.env.WARDWATCH_WARD}`;
  await page.request.get(link.url + "/api/v1/session");
  const res = await page.request.get(link.url + "/api/v1/wards");
  assert.ok(res.ok(), `GET /wards answered ${res.status()}`);
  return `/board/${(await res.json())[0].id}`;
}

async function shot(page, name) {
  if (!out) return;
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: join(out, name + ".png") });
}

async function accessible(page, what) {
  // Evaluated through the debugger, so that the policy need not be weakened for the test.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} (${v.help}) ${n.any[0]?.message ?? ""}`));
  assert.deepEqual(found.slice(0, 12), [], `axe on ${what}`);
}

// Nothing may run out of its tile, and nothing in it may be cut off unseen.
async function unclipped(page, what) {
  const found = await page.evaluate(() => {
    const bad = [];
    for (const box of document.querySelectorAll(".tile, .card, .bar, .sheet")) {
      const outer = box.getBoundingClientRect();
      for (const el of box.querySelectorAll("*")) {
        const r = el.getBoundingClientRect();
        if (r.width <= 2 || r.height <= 2 || el.closest(".vh") || el.closest("svg") || el.closest(".sheet-body")) continue;
        const cut = el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 2 && getComputedStyle(el).overflowX === "hidden";
        const over = r.right > outer.right + 1 || r.bottom > outer.bottom + 1;
        if (cut || over) bad.push(`${box.dataset.bed ?? box.className} ${el.className}: ${el.textContent.slice(0, 50)}`);
      }
    }
    return bad;
  });
  assert.deepEqual(found.slice(0, 12), [], `clipped text on ${what}`);
}

async function step(name, run) {
  const started = performance.now();
  await run();
  console.log(`ok  ${name}  ${Math.round(performance.now() - started)} ms`);
}

let page;
try {
  await step("the board opens with every bed", async () => {
    page = await open();
    const first = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    assert.ok((await page.locator(".tile").count()) > 0);
    assert.equal(await page.locator("html").getAttribute("lang"), "vi");
    console.log(`    ${await page.locator(".tile").count()} tiles; page ready after ${Math.round(first)} ms`);
    const scrolls = await page.evaluate(() => document.querySelector(".board-beds").scrollHeight > document.querySelector(".board-beds").clientHeight + 1);
    if ((await page.locator(".tile").count()) <= 24) assert.ok(!scrolls, "24 beds must fit a wall without scrolling");
    const digits = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector(".score-number:not(.partial)") ?? document.querySelector(".score-number")).fontSize));
    assert.ok(digits >= 50, `score digits of ${digits} px are too small for four metres`);
  });

  await step("sound that the browser blocks is shown, and one tap turns it on", async () => {
    const state = await page.locator(".bar-sound").getAttribute("aria-pressed");
    if (state === "false") await page.locator(".bar-sound").click();
    await page.waitForSelector('.bar-sound[aria-pressed="true"]');
  });

  await step("a deteriorating bed raises an alert, and it sounds", async () => {
    await page.waitForSelector(waiting, { timeout: alertWait });
    await page.waitForFunction(() => window.__struck > 0, null, { timeout: 15_000 });
    await shot(page, "wall-alert-vi");
  });

  let alert;
  await step("one tap accepts, and the owner is shown", async () => {
    const card = page.locator(waiting).filter({ has: page.locator("[data-do=accept]") }).first();
    alert = await card.getAttribute("data-alert");
    await card.locator("[data-do=accept]").click();
    await page.waitForSelector(`.card[data-alert="${alert}"][data-state="accepted"]`, { timeout: 5000 });
  });

  await step("at the bedside is recorded", async () => {
    await page.locator(`.card[data-alert="${alert}"] [data-do=at_bedside]`).click();
    await page.waitForSelector(`.tile [data-alert="${alert}"][data-state="at_bedside"]`, { timeout: 5000 });
  });

  await step("sound stops once nothing waits unaccepted", async () => {
    for (let i = 0; i < 40 && (await page.locator(waiting).count()) > 0; i++) {
      await page.locator(waiting).first().locator("[data-do=accept]").click();
      await page.waitForTimeout(400);
    }
    if ((await page.locator(waiting).count()) > 0) return console.log("    alerts keep coming; silence not judged");
    await page.waitForTimeout(2500);
    const before = await page.evaluate(() => window.__struck);
    await page.waitForTimeout(11_000);
    if ((await page.locator(waiting).count()) === 0) assert.equal(await page.evaluate(() => window.__struck), before);
  });

  await step("a bed opens and closes by keyboard alone", async () => {
    await page.locator(".tile-open").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".sheet");
    await accessible(page, "an open bed");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".sheet", { state: "detached" });
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains("tile-open")), "focus returns to the bed");
  });

  await step("silence of the server covers the board within two heartbeats, and it resumes by itself", async () => {
    page.quiet = true;
    link.pause();
    await page.waitForSelector(".lost", { timeout: 13_000 });
    assert.match(await page.locator(".lost-title").textContent(), /Mất kết nối từ \d\d:\d\d/);
    await accessible(page, "the lost board");
    await shot(page, "wall-lost-vi");
    link.resume();
    await page.waitForSelector(".lost", { state: "detached", timeout: 20_000 });
    page.quiet = false;
  });

  await step("a new page load shows the same board with no fault", async () => {
    assert.deepEqual(await page.evaluate(() => window.__violations), [], "content security policy");
    await page.context().close();
  });

  for (const size of Object.keys(sizes)) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: readable, whole, axe-clean`, async () => {
          const p = await open({ size, lang, scheme, motion: "reduce" });
          await p.waitForTimeout(1500);
          await shot(p, `${size}-${lang}-${scheme}`);
          await unclipped(p, `${size} ${lang}`);
          await accessible(p, `${size} ${lang} ${scheme}`);
          assert.equal(await p.locator("html").getAttribute("lang"), lang);
          await p.context().close();
        });
      }
    }
  }

  assert.deepEqual(complaints, [], "the console stays silent");
  console.log("board: all well");
} finally {
  await browser.close();
  link.close();
}
