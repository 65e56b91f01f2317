// One alert from its score to the bedside, on the real product: a person gets worse, the board sounds,
// the webhook is told, somebody accepts and goes, and it is quiet. Then the server stops and comes back.
//
//   CONTROL   address of the test that runs the server: GET /notices gives what the webhook was sent,
//             POST /stop and POST /start end and begin the server; for the rest see screen.mjs

import assert from "node:assert/strict";
import { obedient, server, shot, soundOn, start, step, waiting } from "./screen.mjs";

const control = process.env.CONTROL;
assert.ok(control, "CONTROL is not set: this runs from test/e2e");

const browser = await start();
let page;

const api = async (path) => (await page.request.get(server.origin + "/api/v1" + path)).json();
const notices = async (alert) => (await (await fetch(control + "/notices")).json()).filter((n) => n.alert === alert);
const tell = async (what) => assert.ok((await fetch(control + what, { method: "POST" })).ok, what);
const card = (alert, state) => page.locator(`.card[data-alert="${alert}"]${state ? `[data-state="${state}"]` : ""}`);

/** Polls until ask gives something true. */
async function until(what, ask, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await page.waitForTimeout(100)) {
    const got = await ask();
    if (got) return got;
  }
  assert.fail(`after ${seconds} s still not: ${what}`);
}

/** Accepts and goes to the bedside, with one tap each. */
async function attend(alert) {
  await card(alert).locator("[data-do=accept]").click();
  await card(alert, "accepted").locator("[data-do=at_bedside]").click();
  await page.waitForSelector(`.tile [data-alert="${alert}"][data-state="at_bedside"]`, { timeout: 5000 });
}

/** Accepts what else waits, so that the board has nothing left to sound for. */
async function acceptOthers() {
  for (let i = 0; i < 20 && (await page.locator(waiting).count()) > 0; i++) {
    await page.locator(waiting).first().locator("[data-do=accept]").click();
    await page.waitForTimeout(300);
  }
  await page.waitForTimeout(1500); // a figure that has begun is played to its end
}

try {
  await step("the board opens, and its sound can be heard", async () => {
    page = await browser.open();
    await soundOn(page);
  });

  let alert;
  await step("a person who was well gets worse: an alert stands on the board, on the tile, and sounds", async () => {
    const before = new Map((await page.locator(".tile").evaluateAll((all) => all.map((t) => [t.dataset.bed, t.querySelector(".score-number")?.textContent]))));
    const found = await until("a clinical alert of somebody who was well", async () => {
      const open = await api(`/wards/${new URL(page.url()).pathname.split("/").pop()}/alerts?open=true`);
      return open.find((a) => a.kind === "clinical" && Number(before.get(a.bed)) < 3 && a.told);
    }, 90);
    alert = found.id;
    await card(alert).waitFor({ timeout: 5000 });
    await page.waitForSelector(`.tile[data-bed="${found.bed}"].has-unaccepted [data-alert="${alert}"]`);
    await page.waitForFunction(() => window.__struck > 0, null, { timeout: 15_000 });
    await shot(page, "story-alert");
  });

  await step("the webhook is told, with no name in it", async () => {
    const [first] = await until("a notice at the webhook", async () => (await notices(alert)).length > 0 && notices(alert));
    assert.equal(first.simulation, true);
    const names = await page.locator(".tile-who b").allTextContents();
    assert.ok(!names.some((n) => n.length > 2 && first.body.includes(n)), `a name left in ${first.body}`);
  });

  await step("it is accepted and attended with one tap each", () => attend(alert));

  await step("it gets worse still: told again, although somebody is there, and attended again", async () => {
    await until("a high alert", async () => {
      const now = await api(`/alerts/${alert}`);
      return now.band === "high" && now.state !== "at_bedside";
    }, 60);
    assert.ok((await notices(alert)).length > 1, "the webhook was not told again");
    await attend(alert);
  });

  let attended;
  await step("nothing climbs after that, and the board is quiet", async () => {
    for (let rises = 0; !attended; rises++) {
      assert.ok(rises < 4, "the alert is told again and again");
      await acceptOthers();
      const heard = await page.evaluate(() => window.__struck);
      await page.waitForTimeout(11_000); // longer than the interval of the most urgent figure
      const now = await api(`/alerts/${alert}`);
      if (now.state !== "at_bedside") await attend(alert); // a further rise is told like the first
      else if ((await page.locator(waiting).count()) === 0) {
        assert.equal(await page.evaluate(() => window.__struck), heard, "it sounds for nothing");
        attended = now;
      }
    }
    assert.ok(!["accept", "bedside"].includes(attended.next), `the ladder still waits for "${attended.next}"`);
    assert.ok(attended.accepted_by && attended.bedside_by, "who accepted and who is there is kept");
    assert.deepEqual((await notices(alert)).filter((n) => Date.parse(n.made) > attended.bedside_at), [], "notices after the bedside");
    await shot(page, "story-bedside");
  });

  await step("the server stops: the board says so; it is back: the board goes on without a reload", async () => {
    await page.evaluate(() => (window.__same = true));
    page.quiet = true;
    await tell("/stop");
    await page.waitForSelector(".lost", { timeout: 15_000 });
    assert.match(await page.locator(".lost-title").textContent(), /Mất kết nối từ \d\d:\d\d/);
    await tell("/start");
    await page.waitForSelector(".lost", { state: "detached", timeout: 30_000 });
    page.quiet = false;
    assert.equal(await page.evaluate(() => window.__same), true, "the page was reloaded");
    const kept = await api(`/alerts/${alert}`);
    const risen = kept.points > attended.points; // told anew: it rose in the last moment before the stop
    assert.deepEqual([kept.accepted_by, kept.bedside_at], risen ? ["", null] : [attended.accepted_by, attended.bedside_at]);
    assert.ok(risen || ["at_bedside", "resolved"].includes(kept.state), `after the restart the alert is ${kept.state}`);
    await until("fresh figures", () => page.evaluate(() => document.querySelectorAll(".tile .is-stale").length < 10));
    await obedient(page);
  });

  await browser.end();
  console.log("story: all well");
} finally {
  await browser.kill();
}
