// Checks what the type checker cannot: the built files' size, that they obey the content security
// policy, and that every text is used somewhere, here or in Go.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { catalogue, files, namer } from "./texts.mjs";

const root = new URL("..", import.meta.url).pathname;
// Bytes, gzipped: what the board needs before it is there, what comes after it in a quiet moment, and what
// only a phone that is told of alerts fetches.
const budgets = { first: 60_000, later: 48_000, phone: 24_000 };
const faults = [];

const page = readFileSync(join(root, "dist/index.html"), "utf8");
const totals = { first: 0, later: 0, phone: 0 };
const whenOf = (file) => {
  if (/\/(sw\.js|manifest\.webmanifest|(icon|badge)-\d+\.png)$|PhonePage/.test(file)) return "phone";
  return /\.(js|css)$/.test(file) && !page.includes(basename(file)) ? "later" : "first";
};
for (const file of files(join(root, "dist"))) {
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  const when = whenOf(file);
  totals[when] += size;
  console.log(String(size).padStart(7), when.padEnd(5), file.slice(root.length));
}
for (const when of Object.keys(budgets)) {
  console.log(String(totals[when]).padStart(7), `${when}, of ${budgets[when]} bytes, gzipped`);
  if (totals[when] > budgets[when]) faults.push(`what is fetched ${when} is ${totals[when] - budgets[when]} bytes over its budget`);
}

if (/<script(?![^>]*\ssrc=)/.test(page) || /<style|\sstyle=|\son\w+=/.test(page)) {
  faults.push("dist/index.html holds an inline script or style, which the content security policy forbids");
}

const read = (dir, pattern) => files(dir).filter((f) => pattern.test(f)).map((f) => readFileSync(f, "utf8")).join("\n");
const sources = read(join(root, "src"), /\.tsx?$/) + read(join(root, "../.."), /\.go$/);
const named = namer(sources);
for (const lang of ["vi", "en"]) {
  for (const key of Object.keys(catalogue(lang))) if (!named(key)) faults.push(`${lang}.json: nothing uses ${key}`);
}

for (const fault of faults) console.error("check:", fault);
process.exit(faults.length > 0 ? 1 : 0);
