// One alert on the phone, on the real product: it is among mine, its page says what is needed to act,
// and it is accepted, gone to, attended and given a plan by thumb. Then patients are handed over.
// For settings see screen.mjs.

import assert from "node:assert/strict";
import { accessible, obedient, server, shot, start, step } from "./screen.mjs";

const browser = await start();
let page;

const api = async (path) => (await page.request.get(server.origin + "/api/v1" + path)).json();

/** Polls until ask gives something true. */
async function until(what, ask, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await page.waitForTimeout(100)) {
    const got = await ask();
    if (got) return got;
  }
  assert.fail(`after ${seconds} s still not: ${what}`);
}

/** Presses a deed, behind "more" where it is there, and waits until the server says that it is done. */
async function press(alert, deed, done) {
  const button = page.locator(`.phone-deeds [data-do="${deed}"]`);
  if ((await button.count()) === 0) await page.click('.phone-deeds [data-do="more"]');
  await button.click();
  return until(deed, async () => {
    const now = await api(`/alerts/${alert}`);
    return done(now) && now;
  });
}

try {
  let alert;
  await step("a clinical alert of mine is on the phone, and opens with one tap", async () => {
    page = await browser.open({ size: "phone", path: "/phone", ready: ".phone-card" });
    const mine = await until("an alert of mine that nobody has accepted", async () => (await api("/me/alerts")).find((a) => a.kind === "clinical" && a.band === "high" && a.told && !a.accepted_by), 120);
    alert = mine.id;
    await page.locator(`.phone-alert[data-alert="${alert}"]`).click();
    await page.waitForSelector(`.phone-now[data-alert="${alert}"]`);
  });

  await step("its page says who, how bad, why, and what to say: ISBAR in both languages, no unknown shown as normal", async () => {
    const whole = await api(`/alerts/${alert}/page`);
    for (const lang of ["vi", "en"]) for (const part of ["i", "s", "b", "a", "r"]) assert.ok(whole.isbar[lang][part].length > 5, `${lang} ${part}`);
    const text = await page.locator("body").innerText();
    assert.ok(text.includes(whole.stay.label), "the bed is named");
    assert.ok(text.includes(whole.isbar.vi.s.slice(0, 20)), "the situation can be read out");
    await accessible(page, "the alert on the phone");
    await shot(page, "journey-alert");
  });

  await step("accepted, on the way, at the bedside, and a plan in place, by thumb", async () => {
    const accepted = await press(alert, "accept", (a) => a.accepted_by);
    assert.notEqual(accepted.next, "accept", "who holds the duty that must accept has settled it");
    await press(alert, "on_way", (a) => a.on_way);
    await press(alert, "at_bedside", (a) => a.state === "at_bedside");
    const button = page.locator('.phone-deeds [data-do="plan"]');
    await button.click();
    await page.locator('.phone-deeds [data-reason="plan"]').click();
    const planned = await until("the plan stands", async () => {
      const now = await api(`/alerts/${alert}`);
      return (now.rule === "plan_in_place" || now.level > 1 || now.told > accepted.told) && now; // a rise is told all the same
    });
    if (planned.rule === "plan_in_place") assert.ok(planned.until > Date.now() + 30 * 60_000);
    await shot(page, "journey-planned");
    const deeds = (await api(`/alerts/${alert}`)).timeline.map((d) => d.deed);
    for (const deed of ["alert.tell", "alert.accept", "alert.on_way", "alert.at_bedside"]) assert.ok(deeds.includes(deed), `${deed} is in the record`);
    await obedient(page);
  });

  await step("everybody is on duty by the roster, and patients are handed over when the receiver accepts", async () => {
    const [ward] = await api("/wards");
    const duty = await api(`/wards/${ward.id}/duty`);
    for (const d of duty.roles.filter((d) => ["nurse", "nurse_charge", "doctor_on_duty"].includes(d.role))) assert.equal(d.how, "roster", d.role);
    const staff = await api(`/wards/${ward.id}/staff`);
    const nurses = staff.filter((p) => p.access === "nurse");
    const { csrf } = await api("/session");
    const send = async (path, data) => {
      const answer = await page.request.post(server.origin + "/api/v1" + path, { data, headers: { "X-Wardwatch-CSRF": csrf } });
      return { status: answer.status(), body: answer.ok() ? await answer.json() : await answer.text() };
    };
    const digest = await api(`/wards/${ward.id}/handover-digest?role=nurse&lang=vi`);
    const stay = digest.patients[0].stay;
    await send(`/stays/${stay}/assignment`, { nurse: nurses[0].id });
    const offer = await send("/handovers", { ward: ward.id, role: "nurse", from: nurses[0].id, to: nurses[1].id, stays: [stay], note: "đã ổn hơn" });
    assert.ok([200, 201].includes(offer.status), JSON.stringify(offer));
    const open = (await api(`/wards/${ward.id}/handovers`)).find((h) => h.id === offer.body.id);
    assert.equal(open.state, "offered");
    const mine = await send(`/handovers/${open.id}/answer`, { state: "accepted" });
    assert.equal(mine.status, 403, "only the receiver accepts");
    assert.equal((await send(`/handovers/${open.id}/answer`, { state: "withdrawn" })).body.state, "withdrawn");
  });

  await browser.end();
  console.log("journey: all well");
} finally {
  await browser.kill();
}
