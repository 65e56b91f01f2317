// A small ward made up for looking at the front end alone: the built files, the API's shapes, and a
// state that deeds change. It is no stand-in for the server: what the server does is tested against it.

import { createServer } from "node:http";
import { readFileSync, existsSync } from "node:fs";
import { extname, join } from "node:path";

const dist = new URL("../dist", import.meta.url).pathname;
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'";
const minute = 60_000;

export const people = {
  lan: { id: "lan", name: "Nguyễn Thị Lan", access: "nurse", duties: ["nurse"] },
  hoa: { id: "hoa", name: "Trần Thị Hoa", access: "nurse", duties: ["nurse"] },
  tam: { id: "tam", name: "Phạm Thanh Tâm", access: "nurse_in_charge", duties: ["nurse", "nurse_charge"] },
  minh: { id: "minh", name: "Lê Quang Minh", access: "doctor", duties: ["doctor_on_duty"] },
};
const named = (id) => (id ? { id, name: people[id].name } : null);

/** Starts it for one person; gives its address, its state, and what was asked of it. */
export async function mock(as = "tam") {
  const now = Date.now();
  const state = { as, now, deeds: [], lostAnswers: 0, down: false, contacts: [], streams: new Set(), pushKey: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM" };
  state.tiles = tiles(now);
  state.alert = state.tiles[0].alerts[0];
  state.handovers = [
    { id: "h1", role: "nurse", from: named("lan"), to: named(as), stays: [{ id: "s2", bed: "02", name: "Bình" }, { id: "s3", bed: "03", name: "Cường" }], note: "Giường 02 chờ kết quả khí máu, đã báo bác sĩ trực.", offered: now - 8 * minute, state: "offered", answered: null, reason: "" },
    { id: "h0", role: "nurse", from: named("hoa"), to: named("lan"), stays: [{ id: "s4", bed: "04", name: "Dung" }], note: "", offered: now - 600 * minute, state: "accepted", answered: now - 595 * minute, reason: "" },
  ];
  const server = createServer((req, res) => void answer(state, req, res));
  await new Promise((ok) => server.listen(0, "127.0.0.1", ok));
  return { url: `http://127.0.0.1:${server.address().port}`, state, close: () => (server.closeAllConnections(), server.close()) };
}

function part(input, points, value, at, over = {}) {
  return { input, points, state: "present", value, at, source: "device", ...over };
}

function score(now, total, parts, complete = true) {
  const band = total >= 7 ? "high" : total >= 5 ? "medium" : total >= 3 ? "low_medium" : "low";
  return { chart: "news2", variant: "", total: complete ? total : null, lower_bound: total, complete, have: complete ? 7 : 5, need: 7, band, held: false, held_since: null, refused: "", lost: false, at: now - 20_000, last_data: now - 5000, check: "", parts, flags: [], charted: { at: now - 100 * minute, total: 2, lower_bound: 2, complete: true, band: "low", partial: "", due: now + 80 * minute }, trend: 2 };
}

function partsOf(now, rr, spo2, hr, sbp, partial) {
  return [
    part("rr", rr > 24 ? 3 : 0, rr, now - 4000),
    part("spo2", spo2 < 92 ? 3 : 0, spo2, now - 4000),
    part("o2", 2, 1, now - 40 * minute, { source: "manual" }),
    part("sbp", 0, sbp, now - 22 * minute),
    part("hr", hr > 110 ? 2 : 0, hr, now - 4000),
    partial ? part("consciousness", 0, null, null, { state: "missing", source: "manual" }) : part("consciousness", 0, 0, now - 100 * minute, { source: "manual" }),
    partial ? part("temp", 0, 38.1, now - 500 * minute, { state: "stale", source: "manual" }) : part("temp", 1, 38.2, now - 100 * minute, { source: "manual" }),
  ];
}

function tiles(now) {
  const names = ["An", "Bình", "Cường", "Dung", "Em", "Giang", "Hạnh", "Khoa", "Liên", "Mai", "Nam", "Oanh"];
  return names.map((name, i) => {
    const bed = String(i + 1).padStart(2, "0");
    const bad = i === 0;
    const rr = bad ? 27 : 16 + (i % 4);
    const nurse = i < 4 ? "lan" : i < 8 ? "hoa" : i === 8 ? "tam" : "";
    return {
      bed, label: `Giường ${bed}`, order: i, apart: "", alarms: [], assessed: null,
      stay: { id: `s${i + 1}`, name, birth_year: 1950 + i, age: 76 - i, sex: i % 2 ? "female" : "male", scale: 1, limits: [], care: i === 5 ? "comfort" : "", off: null, same_name: false, nurse: named(nurse), doctor: named(i % 2 ? "" : "minh") },
      score: score(now, bad ? 7 : i % 4, partsOf(now, rr, bad ? 90 : 96, bad ? 118 : 80, 118, bad), !bad),
      vitals: { rr: { v: rr, at: now - 4000, source: "device", quality: "good" }, spo2: { v: bad ? 90 : 96, at: now - 4000, source: "device", quality: "good" }, hr: { v: bad ? 118 : 80, at: now - 4000, source: "device", quality: "good" }, sbp: { v: 118, at: now - 22 * minute, source: "device", quality: "good" } },
      device: { id: `mon-${bed}`, state: "online", battery: null, seen: now - 4000, confirmed: true },
      spark: null,
      alerts: bad ? [alertOf(now)] : [],
    };
  });
}

function duty(role, how, ids, over = {}) {
  return { role, level: 1, told: over.told ?? null, how, people: ids.map(named), accepted: null, declined: null, on_way: null, by: "", by_name: "", ...over };
}

function alertOf(now) {
  const told = now - 130_000;
  return {
    id: "a1", ward: "noi-1", bed: "01", stay: "s1", kind: "clinical", state: "delivered", band: "high", points: 7,
    causes: [{ code: "news2", band: "high", since: told - 60_000, ended: null }, { code: "limit:spo2:low", band: "medium", since: told - 120_000, ended: null }],
    level: 1, raised: told, told, next: "accept", next_at: told + 180_000,
    roles: [duty("nurse", "assigned", ["lan"], { told }), duty("nurse_charge", "roster", ["tam"], { told }), duty("doctor_on_duty", "default", ["minh"], { told })],
    accepted_by: "", accepted_at: null, bedside_by: "", bedside_at: null, until: null, rule: "", owner: null, on_way: null, unrostered: true, version: 3,
  };
}

function series(now, base, swing, gap) {
  const out = [];
  for (let i = 240; i >= 0; i -= 2) if (!gap || i < 100 || i > 150) out.push([now - i * minute, Math.round(base + (swing * (240 - i)) / 240 + 2 * Math.sin(i / 9))]);
  return out;
}

function page(state) {
  const { now, alert } = state;
  const t = state.tiles[0];
  return {
    alert: { ...alert, timeline: [{ at: alert.raised, deed: "alert.raise", by_name: "", detail: "" }, { at: alert.told, deed: "alert.tell", by_name: "", detail: "" }, ...state.deeds.map((d) => ({ at: d.at, deed: "alert." + d.do, by_name: people[state.as].name, detail: "" }))] },
    stay: { label: "Giường 01", name: "Nguyễn Văn An", age: 76, sex: "male", care: "", scale: 1, nurse: named("lan"), doctor: named("minh"), admitted: now - 3 * 86_400_000 },
    apart: "", score: t.score,
    since: { rr: series(now, 18, 9, true), spo2: series(now, 97, -7, true), hr: series(now, 84, 34, true), sbp: [[now - 200 * minute, 130], [now - 140 * minute, 124], [now - 80 * minute, 121], [now - 22 * minute, 118]] },
    risks: [], respiratory: { table: "", band: "medium", withheld: "", rox: null, sf: null, estimated: false, rox_low: null, sf_low: null, device: "", rows: [{ code: "spo2_low", band: "medium", number: 90, limit: 90, at: now, finding: "", unread: false, age: "", source: "" }] },
    findings: [{ id: "f1", kind: "pneumonia", code: "pneumonia", label: "Pneumonia", laterality: "right", score: 0.93, threshold: 0.5, there: true, calibrated: false, model: "demo-pneumonia", version: "1", by_person: false, demonstration: true, warnings: [], study: "x", image: "x", accession: "", modality: "DX", region: "chest", view: "AP", acquired: now - 5 * 3_600_000, produced: null, received: null, age: "fresh", withdrawn: "", unread: true, confirmed: "", confirmed_by: "", confirmed_at: null, picture: false, map: false }],
    notices: [
      { role: "nurse", to_name: people.lan.name, how: "assigned", channel: "webpush", made: alert.told, settled: alert.told + 900, state: "delivered" },
      { role: "doctor_on_duty", to_name: people.minh.name, how: "default", channel: "sms", made: alert.told, settled: null, state: "pending" },
      { role: "nurse_charge", to_name: "", how: "roster", channel: "ntfy", made: alert.told, settled: alert.told + 400, state: "delivered" },
    ],
    isbar: {
      vi: { i: "Điều dưỡng trực khoa Nội 1. Người bệnh giường 01, nam, 76 tuổi.", s: "NEWS2 ít nhất 7 (5/7 chỉ số), nguy cơ cao, từ 08:02. SpO₂ 90 %, nhịp thở 27.", b: "Nhập khoa 3 ngày. SpO₂ thang 1. Không có giới hạn điều trị.", a: "Nhịp thở 27 lần/ph (3 điểm), SpO₂ 90 % (3 điểm), thở oxy (2 điểm), nhịp tim 118 (2 điểm). CHƯA ĐO: tri giác. Nhiệt độ đã cũ 8 giờ. X-quang ngực: AI gợi ý viêm phổi phải, CHƯA xác nhận.", r: "Đề nghị bác sĩ đến khám ngay trong 30 phút; đo lại đủ bộ chỉ số." },
      en: { i: "Nurse on duty, ward Nội 1. Bed 01, male, 76 years.", s: "NEWS2 at least 7 (5 of 7 inputs), high risk, since 08:02. SpO₂ 90 %, breathing 27.", b: "Admitted 3 days ago. SpO₂ scale 1. No limits to treatment.", a: "Breathing 27/min (3 points), SpO₂ 90 % (3), on oxygen (2), heart rate 118 (2). NOT MEASURED: consciousness. Temperature is 8 h old. Chest X-ray: AI suggests right pneumonia, NOT confirmed.", r: "Please come to see the patient within 30 minutes; measure a full set again." },
    },
    may: may(state),
  };
}

function may({ alert, as }) {
  const open = alert.state !== "resolved";
  const waits = ["active", "delivered", "seen"].includes(alert.state);
  const mine = alert.roles.find((r) => r.people.some((p) => p.id === as));
  return { accept: mine ? !mine.accepted : waits, decline: waits, on_way: !!mine?.accepted && !mine.on_way, at_bedside: open && alert.bedside_by !== people[as].name, plan: open, resolve: open, snooze: open, escalate: open };
}

// A high alert is settled by its doctor's acceptance alone, and by their coming.
function due(a, at) {
  const doctor = a.roles.find((r) => r.role === "doctor_on_duty");
  if (!doctor.accepted) return { next: a.next, next_at: a.next_at };
  return { next: "bedside", next_at: at + 30 * minute };
}

function act(state, body) {
  const a = state.alert;
  const at = Date.now();
  const me = people[state.as];
  state.deeds.push({ ...body, at });
  const mine = a.roles.find((r) => r.people.some((p) => p.id === me.id)) ?? a.roles[0];
  if (body.do === "see" && a.state === "delivered") a.state = "seen";
  if (body.do === "accept") Object.assign(mine, { accepted: at, by: me.id, by_name: me.name }), Object.assign(a, { state: a.state === "at_bedside" ? a.state : "accepted", accepted_by: me.name, accepted_at: at, owner: named(state.as), ...due(a, at) });
  if (body.do === "on_way") (a.on_way = at), (mine.on_way = at);
  if (body.do === "at_bedside") Object.assign(a, { state: "at_bedside", bedside_by: me.name, bedside_at: at, ...due(a, at) });
  if (body.do === "decline") Object.assign(mine, { declined: at, by: me.id, by_name: me.name });
  if (body.do === "escalate") a.level++;
  if (body.do === "snooze") Object.assign(a, { state: "snoozed", until: body.until });
  if (body.do === "resolve") a.state = "resolved";
  a.version++;
  send(state, { time: Date.now(), tiles: [state.tiles[0]] });
  return a;
}

function assign(state, stay, body) {
  const tile = state.tiles.find((t) => t.stay.id === stay);
  if (body.nurse !== undefined) tile.stay.nurse = named(body.nurse);
  if (body.doctor !== undefined) tile.stay.doctor = named(body.doctor);
  send(state, { time: Date.now(), tiles: [tile] });
  return { id: stay };
}

function send(state, delta) {
  for (const res of state.streams) res.write(`id: ${Date.now()}\nevent: delta\ndata: ${JSON.stringify(delta)}\n\n`);
}

function stage(n, median) {
  return { n, median, p90: median * 2.6, p95: median * 3, max: median * 5, within: { n: Math.round(n * 0.86), of: n, value: 0.86, low: 0.74, high: 0.93 } };
}

function evidence(now) {
  const response = (name, n) => ({ name, rounds: n, trigger_told: stage(n, 62), told_delivered: stage(n, 1.4), told_seen: stage(n, 41), told_accepted: stage(n, 74), accepted_bedside: stage(n, 380), told_bedside: stage(n, 455) });
  const share = (name, n, of) => ({ name, n, of, value: of ? n / of : null, low: of ? (n / of) * 0.8 : null, high: of ? Math.min(1, (n / of) * 1.2) : null });
  return {
    from: now - 7 * 86_400_000, to: now, now, zone: "Asia/Ho_Chi_Minh", alerts: 58, brief: 11, rounds: 63, patient_days: 161.5,
    goals: [{ name: "nurse_interruptions", limit: 1, rate: { n: 97, of: 161.5, value: 0.6 }, met: true, sensitivity: null, sensitivity_of: "" }, { name: "doctor_pages", limit: 4, rate: { n: 31, of: 4.2, value: 7.38 }, met: false, sensitivity: null, sensitivity_of: "" }],
    responses: { all: response("", 63), by_ward: [], by_hour: [response("03", 4), response("14", 9)], by_role: [response("nurse", 41), response("doctor_on_duty", 22)], by_band: [response("high", 20), response("medium", 43)], by_kind: [response("clinical", 50)] },
    breaches: [{ alert: "a7", ward: "noi-1", bed: "04", stay: "s4", kind: "clinical", band: "high", what: "accept", roles: ["doctor_on_duty"], told: now - 3_600_000, due: now - 3_400_000, met: 0, late: 212 }],
    burden: { kinds: [], beds: [{ ward: "noi-1", bed: "01", patient_days: 7, clinical: 9, device_alarm: 4, technical: 2, rate: { n: 15, of: 7, value: 2.1 } }, { ward: "noi-1", bed: "08", patient_days: 7, clinical: 5, device_alarm: 0, technical: 3, rate: { n: 8, of: 7, value: 1.1 } }], top_beds: share("", 15, 58), interruptions: [{ name: "nurse", n: 70, of: 161.5, value: 0.43 }, { name: "nurse_charge", n: 27, of: 161.5, value: 0.17 }, { name: "doctor_on_duty", n: 51, of: 161.5, value: 0.32 }], nurse_interruptions: { n: 97, of: 161.5, value: 0.6 }, people_per_telling: 1.2, doctor_pages: { n: 31, of: 4.2, value: 7.38 }, escalations: { n: 9, of: 161.5, value: 0.06 } },
    yield: { ppv: share("", 22, 37), by_kind: [], by_band: [], by_cause: [], reasons: [{ code: "treated", says: "true", n: 15 }, { code: "icu", says: "true", n: 3 }, { code: "artefact", says: "false", n: 9 }, { code: "assessed", says: "false", n: 6 }, { code: "plan", says: "unknown", n: 4 }], uncoded: 5, unknown: 4, by_itself: 8, open: 4 },
    unanswered: share("", 2, 63), holding: [share("assigned", 66, 97), share("roster", 22, 97), share("default", 9, 97)],
    channels: [{ name: "webpush", made: 120, delivered: 112, failed: 3, withdrawn: 5, pending: 0, tests: 7, tries: 131, delay: stage(112, 1.2), undelivered: share("", 3, 115) }, { name: "sms", made: 31, delivered: 31, failed: 0, withdrawn: 0, pending: 0, tests: 7, tries: 31, delay: stage(31, 4), undelivered: share("", 0, 31) }], storms: [],
  };
}

const channels = (now) => [
  { name: "webpush", kind: "webpush", personal: true, audible: true, internet: true, last_ok: now - 3 * minute, last_error: "", state: "ok" },
  { name: "sms", kind: "sms", personal: true, audible: true, internet: false, last_ok: now - 70 * minute, last_error: "the gateway answered 503", state: "failing" },
  { name: "khoa-ntfy", kind: "ntfy", personal: false, audible: true, internet: false, last_ok: null, last_error: "", state: "untried" },
];

function roster(now) {
  const at = (d, h) => Math.floor((now + 7 * 3_600_000) / 86_400_000) * 86_400_000 - 7 * 3_600_000 + d * 86_400_000 + h * 3_600_000;
  const shift = (id, ward, role, person, d, from, to) => ({ id, ward, role, person, name: people[person].name, from: at(d, from), to: at(d, to) });
  return {
    shifts: [shift("r1", "noi-1", "nurse", "lan", 0, 7, 19), shift("r2", "noi-1", "nurse_charge", "tam", 0, 7, 16), shift("r3", "", "duty_lead", "minh", 0, 16, 31), shift("r4", "noi-1", "nurse", "hoa", 0, 19, 31)],
    defaults: [{ role: "doctor_on_duty", people: [named("minh")] }],
  };
}

async function answer(state, req, res) {
  const url = new URL(req.url, "http://mock");
  const path = url.pathname;
  if (state.down) return req.socket.destroy();
  if (!path.startsWith("/api/")) return file(path, res);
  const body = await read(req);
  const json = (value, status = 200) => {
    if (state.lostAnswers > 0 && req.method === "POST") {
      state.lostAnswers--; // done, and its answer lost on the way
      res.writeHead(status, { "Content-Type": "application/json", "Content-Length": 1000 }).write("{");
      return void setTimeout(() => req.socket.destroy(), 50);
    }
    res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  };
  const api = path.slice("/api/v1".length);
  const get = req.method === "GET";
  const person = { ...people[state.as], lang: "vi", wards: [] };
  const staff = () => Object.values(people).map((p) => ({ ...p, on_duty: p.id === "hoa" ? [] : p.duties }));
  const routes = [
    [/^\/session$/, () => (get ? { person, csrf: "x", version: "mock", simulation: true, time: Date.now(), zone: "Asia/Ho_Chi_Minh" } : undefined)],
    [/^\/wards$/, () => [{ id: "noi-1", name: "Nội tổng hợp 1", beds: 12 }]],
    [/\/stream$/, () => stream(state, res)],
    [/\/duty$/, () => ({ at: Date.now(), roles: [{ role: "nurse", how: "roster", people: [named("lan"), named("tam")] }, { role: "nurse_charge", how: "roster", people: [named("tam")] }, { role: "doctor_on_duty", how: "default", people: [named("minh")] }, { role: "duty_lead", how: "roster", people: [named("minh")] }, { role: "intensive_care", how: "nobody", people: [] }] })],
    [/\/staff$/, staff],
    [/\/handovers$/, () => (get ? state.handovers : state.handovers[0])],
    [/^\/handovers\/(\w+)\/answer$/, (m) => Object.assign(state.handovers.find((h) => h.id === m[1]), { state: body.state, answered: Date.now(), reason: body.reason })],
    [/\/handover-digest$/, () => ({ at: Date.now(), text: "", patients: [{ stay: "s2", bed: "02", label: "Giường 02", name: "Bình", band: "low_medium", points: 3, at_least: true, alert: { state: "at_bedside", since: state.now - 50 * minute, owner: "Lê Quang Minh" }, last_set: state.now - 40 * minute, next_set: state.now + 20 * minute, care: "", limits: [], tasks: ["set_due"], events: [{ at: state.now - 200 * minute, text: "Tụt SpO₂ 88 %, tăng oxy lên 4 L/ph" }] }, { stay: "s3", bed: "03", label: "Giường 03", name: "Cường", band: "low", points: 1, at_least: false, alert: null, last_set: state.now - 100 * minute, next_set: null, care: "", limits: ["SpO₂ ≥ 88 %"], tasks: [], events: [] }] })],
    [/^\/wards\/[\w-]+\/roster$/, () => roster(state.now)],
    [/^\/roster\/import$/, () => ({ rows: 12, added: 9, unchanged: 1, refused: [{ line: 4, reason: "giờ kết thúc trước giờ bắt đầu: viết 2026-11-23T07:00 cho sáng hôm sau" }, { line: 9, reason: "không có ai tên đăng nhập “hoa2”" }] })],
    [/^\/me$/, () => ({ person, on_duty: [{ ward: "noi-1", role: person.duties[0], until: state.now + 400 * minute }], contacts: state.contacts, push_key: state.pushKey })],
    [/^\/me\/alerts$/, () => (state.alert.state === "resolved" ? [] : [{ ...state.alert, mine: "nurse", answered: state.alert.state !== "delivered" && state.alert.state !== "seen" }])],
    [/^\/me\/contacts$/, () => (state.contacts.push({ id: "c" + (state.contacts.length + 1), channel: "webpush", label: body.label, added: Date.now() }), (state.subscription = body), state.contacts.at(-1))],
    [/^\/me\/contacts\/(\w+)$/, (m) => void (state.contacts = state.contacts.filter((c) => c.id !== m[1]))],
    [/^\/me\/contacts\/\w+\/test$/, () => undefined],
    [/^\/alerts\/a1\/page$/, () => page(state)],
    [/^\/alerts\/a1\/actions$/, () => act(state, body)],
    [/^\/alerts\/a1$/, () => ({ ...state.alert, timeline: [] })],
    [/^\/stays\/(\w+)\/assignment$/, (m) => assign(state, m[1], body)],
    [/^\/stays\/\w+\/symptoms$/, () => (get ? [{ id: "y", at: state.now - 90 * minute, entered: state.now, by_name: people.lan.name, pain: 2, breathless: 1, agitation: 0, nausea: 0, secretions: 0, worst: 2, note: "Đã dùng morphin theo y lệnh" }] : { ...body, id: "z" })],
    [/^\/quality\/alerts$/, () => evidence(state.now)],
    [/^\/channels$/, () => channels(state.now)],
    [/^\/imaging\/state$/, () => ({ unmatched: 0 })],
    [/\/findings$/, () => ({ stay: "", findings: [] })],
    [/^\/stays\/(\w+)$/, (m) => ({ id: m[1], scale: { number: 1, prescriber: "", reason: "", since: null } })],
  ];
  for (const [pattern, run] of routes) {
    const m = pattern.exec(api);
    if (!m) continue;
    const value = run(m);
    return pattern.source.includes("stream") ? undefined : json(value ?? {});
  }
  json({ title: "not found", status: 404, detail: "", hint: "", code: "not_found" }, 404);
}

function stream(state, res) {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  const body = { ward: { id: "noi-1", name: "Nội tổng hợp 1" }, time: Date.now(), version: "mock", simulation: true, system: [], tiles: state.tiles, limits: {} };
  res.write(`id: 1\nevent: snapshot\ndata: ${JSON.stringify(body)}\n\n`);
  const timer = setInterval(() => res.write(`id: 2\nevent: heartbeat\ndata: {"time":${Date.now()}}\n\n`), 3000);
  state.streams.add(res);
  res.on("close", () => (clearInterval(timer), state.streams.delete(res)));
}

function file(path, res) {
  const asked = join(dist, path);
  const there = extname(path) && existsSync(asked);
  const name = there ? asked : join(dist, "index.html");
  res.writeHead(200, { "Content-Type": kinds[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": policy, "Cache-Control": "no-cache" }).end(readFileSync(name));
}

async function read(req) {
  let text = "";
  for await (const chunk of req) text += chunk;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
