// What is foretold of people: the badges of the tiles and the sections of an opened bed, in every size,
// language and theme. Runs from `go test -tags e2e -run TestOutlook ./dashboard`, which sets the ward.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessible, obedient, shot, sizes, start, step, unclipped } from "./screen.mjs";

const texts = Object.fromEntries(["vi", "en"].map((lang) => [lang, JSON.parse(readFileSync(new URL(`../../locale/${lang}.json`, import.meta.url)))]));
const browser = await start();

const badges = (page, bed) => page.locator(`.tile[data-bed="${bed}"] .risk-badge`);

async function open(page, bed) {
  await page.locator(`.tile[data-bed="${bed}"] .tile-open`).click();
  await page.waitForSelector(".outlook");
  return (await page.locator(".outlook").innerText()).replace(/\s+/g, " ");
}

async function says(page, bed, expected) {
  const text = await open(page, bed);
  for (const e of expected) assert.ok(text.includes(e), `bed ${bed} does not say "${e}": ${text}`);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".sheet", { state: "detached" });
}

try {
  const page = await browser.open();
  const vi = texts.vi;
  await step("a tile has a badge for what asks for concern, and for a model that cannot speak", async () => {
    const shown = async (bed) => (await badges(page, bed).locator("span[aria-hidden]").allInnerTexts()).join(" | ");
    assert.match(await shown(1), /NKH 8,1 % \| Hô hấp 32 %/);
    assert.equal(await shown(2), vi["risk.mute"]);
    assert.match(await shown(3), /NKH 8,1 % · 2\d ph/);
    assert.equal(await badges(page, 3).and(page.locator(".is-old")).count(), 1, "of some time ago: greyed");
    assert.equal(await shown(4), "", "that a model does not apply is no news for a tile");
    const chips = await page.locator('.tile[data-bed="1"] .chip:not(.risk-badge)').allInnerTexts();
    assert.ok(!chips.some((c) => c.includes("NKH")), "the flag says no second time what the badge says");
  });

  await step("the opened bed says what, how sure, why, from what, and what it is not", async () => {
    await says(page, 1, [
      "Nhịp thở 26 lần/ph, cao và đang tăng — làm tăng nguy cơ",
      "Tuổi 76 — làm tăng nguy cơ",
      `Nhiệt độ: ${vi["part.missing"]} — làm tăng nguy cơ`,
      "Lactat (mmol/L) 3,2, cao — làm tăng nguy cơ",
      "khoảng 1 trên 12 · ngưỡng 3,0 %",
      "SpO₂ giảm 0,8 % mỗi giờ, tới 91 % sau khoảng 3 giờ (2–5)",
      "Huyết áp tâm thu giảm 6,4 mmHg mỗi giờ, tới 90 mmHg sau khoảng 80 ph (từ 50 ph, hoặc không tới)",
      "S/F 282 (≤ 315)",
      "258–282",
      vi["resp.unread"],
      vi["resp.proposal"],
      "brand new row",
      vi["task.what.deterioration"],
    ]);
    await says(page, 2, [vi["withheld.no_runtime"], vi["withheld.help.no_runtime"]]);
    await says(page, 3, [vi["assess.old"].split("{")[0]]);
    await says(page, 4, [vi["withheld.unseen_pattern"], "(Huyết áp tâm thu, Nhiệt độ)", vi["withheld.scale2"], vi["withheld.ventilated"]]);
    await obedient(page);
    await page.context().close();
  });

  for (const size of Object.keys(sizes)) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: readable, whole, axe-clean`, async () => {
          const p = await browser.open({ size, lang, scheme, motion: "reduce" });
          const name = `outlook-${size}-${lang}-${scheme}`;
          await badges(p, 1).first().waitFor();
          await unclipped(p, name);
          await shot(p, name);
          for (const bed of [1, 4]) {
            await open(p, bed);
            await p.locator(".outlook").evaluate((el) => el.scrollIntoView());
            await shot(p, `${name}-bed${bed}`);
            await p.locator(".outlook section").last().evaluate((el) => el.scrollIntoView());
            await shot(p, `${name}-bed${bed}-end`);
            await accessible(p, name);
            const wide = await p.locator(".sheet-body").evaluate((el) => el.scrollWidth > el.clientWidth + 1);
            assert.ok(!wide, `${name}: the opened bed scrolls sideways`);
            await p.keyboard.press("Escape");
          }
          await obedient(p);
          await p.context().close();
        });
      }
    }
  }
  await browser.end();
  console.log("outlook: all well");
} finally {
  await browser.kill();
}
