// Pictures of people: the marks of the tiles, the findings of an opened bed with a doctor's word on them,
// and the list of what is nobody's yet, in every size, language and theme. Runs from
// `go test -tags e2e -run TestOutlook ./dashboard`, which sets the ward.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessible, obedient, shot, sizes, start, step, unclipped } from "./screen.mjs";

const texts = Object.fromEntries(["vi", "en"].map((lang) => [lang, JSON.parse(readFileSync(new URL(`../../locale/${lang}.json`, import.meta.url)))]));
const browser = await start();

const mark = (page, bed) => page.locator(`.tile[data-bed="${bed}"] .mark-imaging`);

async function open(page, bed) {
  await page.locator(`.tile[data-bed="${bed}"] .tile-open`).click();
  await page.waitForSelector(".imaging");
  await page.locator(".imaging").evaluate((el) => el.scrollIntoView());
}

const words = async (page, where) => (await page.locator(where).innerText()).replace(/\s+/g, " ");

async function close(page) {
  await page.keyboard.press("Escape");
  await page.waitForSelector(".sheet", { state: "detached" });
}

/** Every picture in sight has come. */
const drawn = (page) => page.waitForFunction(() => document.querySelector(".picture img") && [...document.querySelectorAll(".picture img")].every((i) => i.complete && i.naturalWidth > 0));

async function whole(page, what) {
  await accessible(page, what);
  await unclipped(page, what);
  const wide = await page.locator(".sheet-body").evaluate((el) => el.scrollWidth > el.clientWidth + 1);
  assert.ok(!wide, `${what} scrolls sideways`);
  const small = await page.locator(".sheet-body").evaluate((el) => [...el.querySelectorAll("button, select, summary, input:not([type=radio])")].filter((b) => b.offsetParent && b.getBoundingClientRect().height < 44).map((b) => b.textContent));
  assert.deepEqual(small, [], `${what}: too small for a thumb`);
}

try {
  // Before anything is changed.
  for (const size of Object.keys(sizes)) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: readable, whole, axe-clean`, async () => {
          const p = await browser.open({ size, lang, scheme, motion: "reduce" });
          const name = `imaging-${size}-${lang}-${scheme}`;
          await mark(p, 1).waitFor();
          await p.waitForSelector(".bar-waiting");
          await unclipped(p, name);
          await shot(p, name);
          for (const bed of [1, 2]) {
            await open(p, bed);
            await drawn(p);
            await shot(p, `${name}-bed${bed}`);
            await p.locator(".imaging .findings").first().evaluate((el) => el.scrollIntoView());
            await shot(p, `${name}-bed${bed}-words`);
            await p.locator(".imaging details").evaluateAll((all) => all.forEach((d) => (d.open = true)));
            await whole(p, `${name}, bed ${bed}`);
            await close(p);
          }
          await p.locator(".bar-waiting").click();
          await p.waitForSelector(".waiting");
          await shot(p, `${name}-list`);
          await p.locator(".waiting details").evaluateAll((all) => all.forEach((d) => (d.open = true)));
          await whole(p, `${name}, list`);
          await obedient(p);
          await p.context().close();
        });
      }
    }
  }
  const page = await browser.open();
  const vi = texts.vi;
  await step("a tile says that a finding is unconfirmed, confirmed or old, in words too", async () => {
    for (const [bed, state] of [[1, "unread"], [2, "unread"], [3, "confirmed"], [4, "context"]]) {
      await mark(page, bed).waitFor();
      assert.equal(await mark(page, bed).getAttribute("title"), vi[`imaging.mark.${state}`], `bed ${bed}`);
    }
  });

  await step("the opened bed says what, by whom, how sure, how old, and what it is not", async () => {
    await open(page, 1);
    const all = await words(page, ".imaging");
    for (const e of ["Tràn khí màng phổi, bên phải", vi["imaging.unread"], "Điểm của mô hình 0,80 (ngưỡng 0,50); không phải xác suất", "Xác suất 61 % · ngưỡng 35 %", "X-quang ngực, AP", "Chụp 3 giờ trước", "cxr-adult", "XQ-2026-1180"]) {
      assert.ok(all.includes(e), `no "${e}" in ${all}`);
    }
    const rest = page.locator(".imaging-rest");
    assert.equal(await rest.getAttribute("open"), null, "what does not count is folded");
    await rest.locator("summary").click();
    for (const e of [vi["imaging.withdrawn.newer_study"], vi["imaging.withdrawn.absent"], "Widened mediastinum"]) assert.ok((await words(page, ".imaging-rest")).includes(e), e);
    await close(page);
    await open(page, 2);
    const demo = await words(page, ".imaging");
    for (const e of [vi["imaging.demonstration"], vi["imaging.warning.age_unknown"], "Viêm phổi", "demo-pneumonia"]) assert.ok(demo.includes(e), e);
    await close(page);
    await open(page, 3);
    assert.match(await words(page, ".imaging"), /Tên doctor đã xác nhận lúc .* đã quá 24 giờ|đã quá 24 giờ.*Tên doctor đã xác nhận lúc/s);
    await close(page);
    await open(page, 4);
    for (const e of [vi["imaging.by_radiologist"], vi["imaging.age.context"]]) assert.ok((await words(page, ".imaging")).includes(e), e);
    await close(page);
  });

  await step("a row of the respiratory view leads to its finding, by keyboard too", async () => {
    await page.locator('.tile[data-bed="1"] .tile-open').click();
    await page.waitForSelector(".imaging");
    await page.locator(".flag-more").focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "finding-f1");
    assert.ok(await page.locator(".picture").first().isVisible());
    await drawn(page);
  });

  await step("where the AI looked lies over the picture, and goes again", async () => {
    const button = page.locator("#finding-f1 [aria-pressed]");
    const source = () => page.locator(".picture img").first().getAttribute("src");
    assert.match(await source(), /f1\/picture$/);
    await button.click();
    assert.match(await source(), /f1\/map$/);
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await drawn(page);
    await shot(page, "imaging-map");
    await page.locator("#finding-f4 [aria-pressed]").click();
    assert.match(await source(), /f4\/map$/);
    await page.locator("#finding-f4 [aria-pressed]").click();
    assert.match(await source(), /f1\/picture$/);
  });

  await step("a doctor rejects in one step, and takes it back; confirms, and takes it back", async () => {
    await page.locator("#finding-f1 [data-word=rejected]").click();
    await page.waitForSelector("#finding-f1", { state: "detached" });
    await page.locator(".toast button", { hasText: vi["sheet.undo"] }).click();
    await page.waitForSelector("#finding-f1.is-unread");
    await page.locator("#finding-f1 [data-word=confirmed]").click();
    await page.waitForSelector("#finding-f1:not(.is-unread)");
    assert.match(await words(page, "#finding-f1"), /Tên doctor đã xác nhận lúc/);
    await page.locator("#finding-f1 [data-word=undo]").click();
    await page.waitForSelector("#finding-f1.is-unread");
    await close(page);
  });

  await step("what is nobody's yet is compared, and given with a reason where it contradicts", async () => {
    await page.locator(".bar-waiting").click();
    await page.waitForSelector(".waiting");
    assert.equal(await page.locator(".waiting").count(), 3);
    const item = page.locator('[data-item="w1"]');
    assert.deepEqual(await item.locator(".is-differing dt").allInnerTexts(), [vi["worklist.mark.birth_date"]], "a name without its diacritics is the same name");
    await item.locator(".candidate button").click();
    await item.locator(".candidate input").fill("Hồ sơ ghi nhầm năm sinh");
    await item.locator(".candidate form button").click();
    await item.waitFor({ state: "detached" });
    assert.equal(parseInt(await page.locator(".bar-waiting").innerText(), 10), 2);
    await page.locator('[data-item="w3"] .candidate button.button-main').click();
    await page.locator('[data-item="w3"]').waitFor({ state: "detached" });
    const last = page.locator('[data-item="w2"]');
    await last.locator("select").selectOption({ index: 1 });
    await last.locator(".candidate .is-differing").first().waitFor();
    await whole(page, "the list with somebody else's bed");
    await shot(page, "imaging-other-bed");
    await last.locator("summary").click();
    await last.locator("details input").fill("Người bệnh ngoại trú");
    await last.locator("details button").click();
    await page.waitForSelector(".waiting", { state: "detached" });
    assert.ok((await words(page, ".sheet")).includes(vi["worklist.none"]));
    assert.equal(await page.locator(".bar-waiting").count(), 0, "nothing waits: no button");
    await close(page);
  });

  await step("a study goes off the wrong person, and waits in the list", async () => {
    await open(page, 3);
    await page.locator(".study summary").click();
    await page.locator(".study details input").fill("Nhầm tên");
    await page.locator(".study details button").click();
    await page.waitForSelector(".imaging", { state: "detached" });
    await close(page);
    await obedient(page);
    await page.context().close();
  });

  await step("what comes after the board and does not come says so, and is fetched again when asked for", async () => {
    const block = "**/parts-*.js";
    const p = await browser.open({ block });
    await p.locator('.tile[data-bed="1"] .tile-open').click();
    await p.locator(".sheet .notice", { hasText: vi["app.no_part"] }).first().waitFor();
    await p.unroute(block);
    await p.locator(".sheet .notice button", { hasText: vi["app.again"] }).first().click();
    await p.waitForSelector(".outlook");
    await p.context().close();
  });
  await browser.end();
  console.log("imaging: all well");
} finally {
  await browser.kill();
}
