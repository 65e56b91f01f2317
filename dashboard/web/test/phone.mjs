// The pages for a phone, and the service worker, against a ward made up for it (mock.mjs): what is done
// with a failing network, what is pushed, and how every page looks. OUT=folder keeps pictures.

import assert from "node:assert/strict";
import { accessible, shot, start, step, obedient } from "./screen.mjs";
import { mock } from "./mock.mjs";

const ward = await mock("tam");
const browser = await start(ward.url);
const at = (path, more = {}) => browser.open({ size: "phone", motion: "reduce", path, ready: ".phone-bar", ...more });
const done = (page, kind) => page.waitForFunction((k) => !document.querySelector(`[data-deed="${k}"]`), kind);
async function until(ask, good) {
  for (let i = 0; i < 100; i++) {
    const got = await ask();
    if (good(got)) return got;
    await new Promise((ok) => setTimeout(ok, 50));
  }
  throw new Error("it never came to that");
}
const counted = (kind) => ward.state.deeds.filter((d) => d.do === kind).length;

try {
  await step("my alerts: what is mine, my shift, and that this phone is not told yet", async () => {
    const page = await at("/phone");
    await page.waitForSelector('.phone-alert[data-alert="a1"]');
    await page.waitForSelector('[data-push="ask"], [data-push="denied"]');
    await page.waitForSelector('[data-handover="h1"]');
    assert.match(await page.locator(".phone-main").innerText(), /SpO₂ dưới giới hạn/);
    await obedient(page);
    await page.context().close();
  });

  await step("an alert opened is seen once; the least is shown as the least", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector(".phone-now");
    assert.match(await page.locator(".phone-score").innerText(), /≥7[\s\S]*5\/7/);
    assert.match(await page.locator(".told").first().innerText(), /không có ai trực: báo theo mặc định/);
    await until(() => counted("see"), (n) => n === 1);
    await page.reload();
    await page.waitForSelector('.phone-now[data-state="seen"]');
    assert.equal(counted("see"), 1, "an alert that is seen is not said to be seen again");
    await page.context().close();
  });

  await step("offline: what is shown is greyed with its age, a deed waits in sight, and arrives once", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector(".phone-now");
    page.quiet = true;
    await page.context().setOffline(true);
    await page.waitForSelector(".phone-old");
    await page.click('.phone-deeds [data-do="accept"]');
    await page.waitForSelector('.unsent [data-deed="accept"]');
    assert.equal(counted("accept"), 0);
    await shot(page, "phone-offline");
    await page.context().setOffline(false);
    await done(page, "accept");
    await page.waitForSelector('.phone-now[data-state="accepted"]');
    assert.equal(counted("accept"), 1);
    page.quiet = false;
    await page.context().close();
  });

  await step("accepted is not on the way; the doctor who must accept and has not is named, with the clock", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector('[data-lacks="accept"]');
    const said = await page.locator(".phone-now").innerText();
    assert.match(said, /Phạm Thanh Tâm đã tiếp nhận/);
    assert.doesNotMatch(said, /đang đến/);
    assert.match(said, /Bác sĩ trực chưa tiếp nhận/i);
    assert.equal(await page.locator('.phone-deeds [data-do="accept"]').count(), 0, "she has answered herself");
    await shot(page, "phone-lacks");
    await page.context().close();
  });

  await step("an answer that is lost: the deed is not done twice", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector(".phone-now");
    page.quiet = true;
    ward.state.lostAnswers = 1;
    await page.click('.phone-deeds [data-do="escalate"]');
    await page.click('.phone-deeds [data-do="escalate-sure"]');
    await page.waitForSelector('.unsent [data-deed="escalate"]');
    await done(page, "escalate");
    assert.equal(counted("escalate"), 1);
    await page.context().close();
  });

  await step("a reload loses nothing that was pressed", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector(".phone-now");
    page.quiet = true;
    ward.state.down = true;
    await page.click('.phone-deeds [data-do="on_way"]');
    await page.waitForSelector('.unsent [data-deed="on_way"]');
    ward.state.down = false;
    await page.reload();
    await page.waitForFunction(() => document.querySelector(".phone-now") && !document.querySelector(".unsent"));
    assert.equal(counted("on_way"), 1);
    await page.context().close();
  });

  await step("somebody is at the bedside: the board keeps it as unsettled, and offers the doctor to accept", async () => {
    const page = await at("/phone/alert/a1");
    assert.match(await page.locator(".phone-now").innerText(), /Phạm Thanh Tâm đang đến/);
    await page.click('.phone-deeds [data-do="at_bedside"]');
    await page.waitForSelector('.phone-now[data-state="at_bedside"]');
    await page.goto(ward.url + "/board/noi-1");
    await page.waitForSelector('.card.has-unaccepted[data-state="at_bedside"]');
    assert.match(await page.locator(".card").innerText(), /bác sĩ trực chưa tiếp nhận/i);
    assert.equal(await page.locator(".card-do").count(), 0, "it waits for somebody else");
    ward.state.as = "minh";
    await page.reload();
    await page.waitForSelector('.card [data-do="accept"]');
    await page.click('.tile[data-bed="01"] .tile-open');
    await page.waitForSelector('.alert [data-lacks="accept"]');
    await page.waitForSelector('.alert [data-do="accept"]');
    await shot(page, "board-lacks");
    await page.goto(ward.url + "/phone/alert/a1");
    await page.waitForSelector('.phone-deeds .button-main[data-do="accept"]');
    await shot(page, "phone-lacks-doctor");
    await page.click('.phone-deeds [data-do="accept"]');
    await page.waitForSelector('[data-lacks="bedside"]');
    await page.waitForSelector('.phone-deeds .button-main[data-do="on_way"]');
    await shot(page, "phone-lacks-bedside");
    ward.state.as = "tam";
    await page.context().close();
  });

  await step("a deed with a reason needs two touches; the keyboard reaches all of them", async () => {
    const page = await at("/phone/alert/a1");
    await page.waitForSelector(".phone-now");
    await page.locator('.phone-deeds [data-do="more"]').focus();
    await page.keyboard.press("Enter");
    await page.locator('.phone-deeds [data-do="plan"]').focus();
    await page.keyboard.press("Enter");
    await page.locator('.phone-deeds [data-reason="plan"]').focus();
    await page.keyboard.press("Enter");
    const [plan] = await until(() => ward.state.deeds.filter((d) => d.do === "plan"), (all) => all.length > 0);
    assert.equal(plan.reason, "plan");
    assert.ok(plan.until > Date.now() + 50 * 60_000);
    await page.context().close();
  });

  await step("a push is shown in the person's language, under the alert's tag, and a tap opens its link", async () => {
    const page = await at("/phone");
    await page.context().grantPermissions(["notifications"], { origin: ward.url });
    const cdp = await page.context().newCDPSession(page);
    const registered = new Promise((ok) => cdp.on("ServiceWorker.workerRegistrationUpdated", (e) => e.registrations[0] && ok(e.registrations[0].registrationId)));
    await cdp.send("ServiceWorker.enable");
    const registrationId = await registered;
    await page.evaluate(() => navigator.serviceWorker.ready);
    const push = (data) => cdp.send("ServiceWorker.deliverPushMessage", { origin: ward.url, registrationId, data: typeof data === "string" ? data : JSON.stringify(data) });
    const told = { v: 1, notice: "n1", alert: "a1", ward: "noi-1", bed: "01", kind: "clinical", band: "high", level: 1, link: `${ward.url}/a/token.abc`, tag: "a1", title_vi: "MÔ PHỎNG · Giường 01", title_en: "SIMULATION · Bed 01", text_vi: "Nguy cơ cao", text_en: "High risk", require: true, at: 1000 };
    const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => ({ title: n.title, body: n.body, tag: n.tag, requireInteraction: n.requireInteraction, rings: n.renotify, data: n.data })));
    await push(told);
    const [first] = await until(shown, (all) => all.length === 1);
    assert.deepEqual([first.title, first.body, first.tag, first.requireInteraction, first.data.link], [told.title_vi, told.text_vi, "a1", true, "/a/token.abc"]);
    await push({ ...told, notice: "n2", level: 2, at: 2000, title_vi: "MÔ PHỎNG · Giường 01 · bậc 2", link: "https://elsewhere.example/a/x" });
    const second = await until(shown, (all) => all[0]?.data.notice === "n2");
    assert.equal(second.length, 1, "the same alert has one notification");
    assert.equal(second[0].data.link, "/a/x", "another site's address is never opened: only the path counts");
    for (const [notice, level, at, rings] of [["n3", 1, 3000, true], ["n3", 1, 3000, false], ["n2", 2, 2000, false], ["n4", 1, 4000, true]]) {
      await push({ ...told, notice, level, at });
      await until(shown, ([n]) => n.data.notice === notice && n.rings === rings);
    }
    await push("not json");
    await until(shown, (all) => all.length === 2);
    await page.context().close();
  });

  await step("of the API nothing is kept on the phone; the shell opens without a network", async () => {
    const page = await at("/phone");
    await page.evaluate(() => navigator.serviceWorker.ready);
    const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (k) => (await (await caches.open(k)).keys()).map((r) => new URL(r.url).pathname)))).flat());
    assert.deepEqual(kept.filter((p) => !/^\/(assets\/.*|phone|icon-192\.png|\.lang)$/.test(p)), []);
    page.quiet = true;
    ward.state.down = true;
    await page.context().setOffline(true);
    await page.goto(ward.url + "/phone/alert/a1");
    await page.waitForSelector(".phone-bar");
    assert.ok(!(await page.locator("body").innerText()).includes("Nguyễn Văn An"), "no patient without the server");
    await shot(page, "phone-offline-start");
    ward.state.down = false;
    await page.context().close();
  });

  for (const size of ["phone", "tablet", "wall"]) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: axe-clean, nothing runs over`, async () => {
          for (const [name, path, ready] of [["mine", "/phone", ".phone-card"], ["alert", "/phone/alert/a1", ".phone-now"]]) {
            const page = await at(path, { size, lang, scheme });
            await page.waitForSelector(ready);
            await page.waitForTimeout(300);
            await accessible(page, `${name} ${size} ${lang} ${scheme}`, true);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
            assert.ok(!wide, `${name} scrolls sideways`);
            await shot(page, `phone-${name}-${size}-${lang}-${scheme}`);
            await obedient(page);
            await page.context().close();
          }
        });
      }
    }
  }
  await browser.end();
  console.log("phone: all well");
} finally {
  await browser.kill();
  ward.close();
}
