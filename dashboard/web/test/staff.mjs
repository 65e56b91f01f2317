// Who is on duty, whose patients are whose, hand-over, roster, quality and channels on the board, against a
// ward made up for it (mock.mjs). OUT=folder keeps pictures.

import assert from "node:assert/strict";
import { accessible, obedient, shot, sizes, start, step, unclipped } from "./screen.mjs";
import { mock } from "./mock.mjs";

const ward = await mock("tam");
const browser = await start(ward.url);
const at = async (more = {}) => {
  const page = await browser.open({ size: "tablet", motion: "reduce", path: "/board/noi-1", ...more });
  await page.waitForSelector(".duty", { state: "attached" });
  return page;
};
const panel = async (page, name) => {
  await page.click(".bar-menu");
  await page.click(`[data-panel="${name}"]`);
  await page.waitForSelector(".sheet .sheet-body > *");
};
const nurse = (bed) => ward.state.tiles.find((t) => t.bed === bed).stay.nurse?.id;

try {
  await step("a hole in the roster is said at the board's foot, whole in the options", async () => {
    const page = await at({ size: "wall" });
    assert.match(await page.locator(".board-foot .is-hole").first().innerText(), /không ai trực → Minh/);
    await page.click(".bar-menu");
    assert.match(await page.locator(".sheet .duty").innerText(), /không có ai trực: báo theo mặc định – Lê Quang Minh/);
    await page.context().close();
  });

  await step("my patients: the others are hidden, how many is said, their alerts stay", async () => {
    const page = await at();
    await page.click(".bar-mine");
    await page.waitForFunction(() => document.querySelectorAll(".tile").length === 1);
    assert.match(await page.locator(".bar-mine").innerText(), /1\/12/);
    assert.equal(await page.locator(".card").count(), 1, "the alert of somebody else's patient is still told");
    await page.context().close();
  });

  await step("assigned by keyboard: choose beds, then a person; and taken back", async () => {
    const page = await at();
    await panel(page, "assign");
    for (const bed of ["10", "11"]) {
      await page.locator(".bed-chip", { hasText: bed }).focus();
      await page.keyboard.press("Space");
    }
    await page.locator('[data-staff="hoa"]').focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".toast"));
    assert.deepEqual([nurse("10"), nurse("11")], ["hoa", "hoa"]);
    await page.click(".toast .button >> nth=0");
    await page.waitForTimeout(400);
    assert.deepEqual([nurse("10"), nurse("11")], [undefined, undefined]);
    await page.context().close();
  });

  await step("assigned by dragging a bed of the board onto a name", async () => {
    const page = await at({ size: "wall" });
    await panel(page, "assign");
    await page.locator('.tile[data-bed="10"]').dragTo(page.locator('[data-staff="lan"]'));
    await page.waitForFunction(() => document.querySelector(".toast"));
    assert.equal(nurse("10"), "lan");
    await page.locator('.tile[data-bed="11"] .tile-open').click();
    assert.equal(await page.locator('.tile[data-bed="11"].is-chosen').count(), 1, "a touch on a tile chooses it");
    await page.context().close();
  });

  await step("an offer waits in sight, is read with its digest, and is accepted", async () => {
    const page = await at();
    await page.locator(".bar-waiting", { hasText: "Bàn giao" }).click();
    await page.waitForSelector(".digest li");
    assert.match(await page.locator(".digest").innerText(), /≥3/);
    await page.click('.handover [data-do="accept"]');
    await page.waitForSelector(".handover.is-mine", { state: "detached" });
    assert.equal(ward.state.handovers[0].state, "accepted");
    await page.context().close();
    ward.state.handovers[0].state = "offered";
  });

  await step("a roster's CSV: what is refused says its line and why", async () => {
    const page = await at();
    await panel(page, "roster");
    await page.setInputFiles('input[type="file"]', { name: "lich.csv", mimeType: "text/csv", buffer: Buffer.from("role,login\n") });
    await page.waitForSelector(".reason-cell");
    assert.match(await page.locator(".sheet").innerText(), /2 dòng không nhận được/);
    await page.context().close();
  });

  await step("comfort care: every symptom is looked at, none is filled in", async () => {
    const page = await at();
    await page.locator('.tile[data-bed="06"] .tile-open').click();
    await page.click('[data-do="symptoms"]');
    assert.equal(await page.locator(".sheet input:checked").count(), 0);
    await page.click(".form-end .button");
    assert.equal(await page.locator(".sheet .field-error").count(), 5);
    await page.context().close();
  });

  const { alert } = ward.state;
  alert.next_at = Date.now() + 600_000; // the longest that the clock says, however long the steps before took
  const calm = structuredClone(alert);
  const told = (role, over) => ({ ...calm.roles[2], role, how: "roster", level: 2, ...over });
  const nurse1 = { ...calm.roles[0], accepted: calm.told + 40_000, by: "lan", by_name: "Nguyễn Thị Lan" };
  const standing = {
    accepted: { state: "accepted", accepted_by: "Nguyễn Thị Lan", roles: [nurse1, ...calm.roles.slice(1)] },
    "on the way": { state: "accepted", accepted_by: "Nguyễn Thị Lan", next: "bedside", next_at: calm.told + 1_800_000, roles: [{ ...nurse1, on_way: calm.told + 60_000 }, ...calm.roles.slice(1)] },
    unsettled: { state: "at_bedside", bedside_by: "Nguyễn Thị Lan", bedside_at: calm.told + 90_000, level: 2, roles: [nurse1, ...calm.roles.slice(1), told("duty_lead"), told("intensive_care")] },
    "not there": { state: "at_bedside", bedside_by: "Nguyễn Thị Lan", bedside_at: calm.told + 90_000, next: "bedside", next_at: calm.told + 1_800_000, roles: [nurse1, calm.roles[1], { ...calm.roles[2], accepted: calm.told + 50_000, by: "minh", by_name: "Lê Quang Minh" }] },
    lapsed: { state: "active", level: 2, roles: [{ ...nurse1, accepted: null }, ...calm.roles.slice(1), told("duty_lead")] },
    planned: { state: "at_bedside", bedside_by: "Lê Quang Minh", bedside_at: calm.told + 90_000, rule: "plan_in_place", until: calm.told + 3_600_000, next: "review", next_at: calm.told + 3_600_000 },
  };
  const says = { accepted: /chờ bác sĩ trực/i, "on the way": /Lan đang đến/, unsettled: /chờ bác sĩ trực \+2/i, "not there": /chờ bác sĩ trực/i, lapsed: /NEWS2 7/, planned: /có kế hoạch đến/i };
  for (const [name, over] of Object.entries(standing)) {
    await step(`who has an alert, and who is lacking, fits every size: ${name}`, async () => {
      Object.assign(alert, over);
      for (const [size, lang] of [["wall", "vi"], ["wall", "en"], ["tablet", "vi"], ["tablet", "en"], ["phone", "vi"]]) {
        const page = await at({ size, lang });
        await unclipped(page, `${name} ${size} ${lang}`);
        if (lang === "vi") assert.match(await page.locator('.tile[data-bed="01"] .tile-foot').innerText(), says[name]);
        assert.equal(await page.locator(".card").count(), name === "planned" ? 0 : 1, "in the strip");
        await shot(page, `${name.replaceAll(" ", "-")}-${size}-${lang}`);
        await page.context().close();
      }
      Object.assign(alert, structuredClone(calm));
    });
  }

  for (const size of Object.keys(sizes)) {
    for (const lang of ["vi", "en"]) {
      for (const scheme of ["light", "dark"]) {
        await step(`${size}, ${lang}, ${scheme}: axe-clean, whole`, async () => {
          const page = await at({ size, lang, scheme });
          const name = `${size}-${lang}-${scheme}`;
          await unclipped(page, name);
          await shot(page, `board-${name}`);
          for (const p of ["assign", "handover", "roster", "quality", "channels"]) {
            await panel(page, p);
            await page.waitForTimeout(250);
            if (lang === "vi") await accessible(page, `${p} ${name}`); // another language changes no structure
            const wide = await page.locator(".sheet-body").evaluate((el) => el.scrollWidth > el.clientWidth + 1);
            assert.ok(!wide, `${p} ${name} scrolls sideways`);
            await shot(page, `${p}-${name}`);
            await page.locator(".sheet-body").evaluate((el) => (el.scrollTop = el.scrollHeight));
            await shot(page, `${p}-${name}-end`);
            await page.keyboard.press("Escape");
          }
          for (const bed of ["01", "06"]) {
            await page.locator(`.tile[data-bed="${bed}"] .tile-open`).click();
            await page.waitForSelector(".working");
            await accessible(page, `bed ${bed} ${name}`);
            await shot(page, `bed${bed}-${name}`);
            await page.keyboard.press("Escape");
          }
          await obedient(page);
          await page.context().close();
        });
      }
    }
  }
  await browser.end();
  console.log("staff: all well");
} finally {
  await browser.kill();
  ward.close();
}
