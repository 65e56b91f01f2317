// The board by itself: every size, language and theme, the keyboard, the sheets, and a server that
// falls silent without hanging up. Any running simulated ward will do; see screen.mjs for settings.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { relay } from "./proxy.mjs";
import { accessible, obedient, server, shot, sizes, start, step, unclipped } from "./screen.mjs";

const vi = JSON.parse(readFileSync(new URL("../../locale/vi.json", import.meta.url)));
const link = await relay(server);
const browser = await start(link.url);
let page;

const press = (key) => page.getByRole("button", { name: vi[key], exact: true }).click();

/** Opens a bed where somebody lies, without an open alert and with nothing charted yet, and gives its tile. */
async function openCalmBed() {
  const id = await page.locator(".tile:not(.is-empty):not(:has([data-alert], .round-set))").first().getAttribute("data-bed");
  const tile = page.locator(`.tile[data-bed="${id}"]`);
  await tile.locator(".tile-open").click();
  await page.waitForSelector(".sheet");
  return tile;
}

async function offWardAndBack() {
  const tile = await openCalmBed();
  await press("move.off_ward");
  await accessible(page, "the off-ward form");
  await press("move.destination.xray");
  await tile.and(page.locator(".is-off")).waitFor({ timeout: 5000 });
  await press("sheet.undo");
  await tile.and(page.locator(":not(.is-off)")).waitFor({ timeout: 5000 });
}

async function chart() {
  const tile = await openCalmBed();
  await press("chart.title");
  await page.getByRole("radio", { name: "C – " + vi["acvpu.1"], exact: true }).click();
  await page.getByLabel(vi["chart.number.temp"]).fill("38,4");
  await accessible(page, "the chart form");
  await press("sheet.save");
  await press("partial.monitored"); // the rest is the monitor's: the set says so
  await tile.locator(".vital-consciousness .is-charted", { hasText: "C" }).waitFor({ timeout: 5000 });
  await tile.locator(".round-set .charted-points", { hasText: "≥" }).waitFor({ timeout: 5000 });
  await page.keyboard.press("Escape");
}

async function chartAfterwards() {
  const tile = await openCalmBed();
  await press("chart.title");
  await press("chart.from_monitor");
  assert.match(await page.getByLabel(vi["chart.number.spo2"]).inputValue(), /^\d+$/, "the monitor's saturation is taken");
  await page.getByRole("radio", { name: vi["chart.earlier"], exact: true }).check({ force: true });
  assert.equal(await page.getByLabel(vi["chart.number.spo2"]).inputValue(), "", "what is true now was not so earlier");
  const hours = Number((await page.locator(".bar-clock time").textContent()).slice(0, 2));
  await page.getByLabel(vi["chart.time"]).fill(`${(hours + 22) % 24}h15`);
  await page.locator(".sheet .notice", { hasText: vi["chart.back_entry"].split("{")[0] }).waitFor();
  for (const [name, value] of Object.entries({ rr: "25", spo2: "94", sbp: "108", dbp: "70", hr: "95", temp: "37,9" })) {
    await page.getByLabel(vi[`chart.number.${name}`]).fill(value);
  }
  await page.getByRole("radio", { name: "A – " + vi["acvpu.0"], exact: true }).check({ force: true });
  await page.getByRole("radio", { name: vi["o2.0"], exact: true }).check({ force: true });
  await press("sheet.save"); // complete: no reason is asked for
  await page.locator(".toast", { hasText: vi["chart.afterwards"].split("}")[1] }).waitFor({ timeout: 5000 });
  await tile.locator(".round-set .charted-points", { hasText: /^6$/ }).waitFor({ timeout: 5000 });
  await accessible(page, "a bed with a charted set");
  await page.keyboard.press("Escape");
}

try {
  await step("the board opens with every bed", async () => {
    page = await browser.open();
    const beds = await page.locator(".tile").count();
    assert.ok(beds > 0);
    console.log(`    ${beds} beds, the first after ${Math.round(await page.evaluate(() => window.__first))} ms`);
    assert.equal(await page.locator("html").getAttribute("lang"), "vi");
    const scrolls = await page.evaluate(() => document.querySelector(".board-beds").scrollHeight > document.querySelector(".board-beds").clientHeight + 1);
    if (beds <= 24) assert.ok(!scrolls, "24 beds must fit a wall without scrolling");
    const digits = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector(".score-number:not(.partial)") ?? document.querySelector(".score-number")).fontSize));
    assert.ok(digits >= 50, `score digits of ${digits} px are too small for four metres`);
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

  await step("off the ward, and taken back with one tap", offWardAndBack);
  await step("consciousness and temperature are charted, and why no more", chart);
  await step("a whole set of two hours ago is kept at its time", chartAfterwards);

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
    await obedient(page);
    await page.context().close();
  });

  for (const size of Object.keys(sizes)) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: readable, whole, axe-clean`, async () => {
          const p = await browser.open({ size, lang, scheme, motion: "reduce" });
          await p.waitForFunction(() => document.fonts.status === "loaded");
          await shot(p, `${size}-${lang}-${scheme}`);
          await unclipped(p, `${size} ${lang}`);
          await accessible(p, `${size} ${lang} ${scheme}`);
          await obedient(p);
          assert.equal(await p.locator("html").getAttribute("lang"), lang);
          await p.context().close();
        });
      }
    }
  }
  await browser.end();
  console.log("board: all well");
} finally {
  await browser.kill();
  link.close();
}
