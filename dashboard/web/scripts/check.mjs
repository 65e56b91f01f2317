// Checks what the type checker cannot: the built files' size, that they obey the content security
// policy, and that every text is used somewhere, here or in Go.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const root = new URL("..", import.meta.url).pathname;
// Bytes, gzipped: what the board needs before it is there, and what comes after it in a quiet moment.
const budgets = { first: 60_000, later: 20_000 };
const faults = [];

function files(dir) {
  const entries = readdirSync(dir, { withFileTypes: true }).filter((e) => e.name !== "node_modules" && e.name !== ".git");
  return entries.flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]));
}

const page = readFileSync(join(root, "dist/index.html"), "utf8");
const totals = { first: 0, later: 0 };
for (const file of files(join(root, "dist"))) {
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  const when = /\.js$/.test(file) && !page.includes(basename(file)) ? "later" : "first";
  totals[when] += size;
  console.log(String(size).padStart(7), when.padEnd(5), file.slice(root.length));
}
for (const when of ["first", "later"]) {
  console.log(String(totals[when]).padStart(7), `${when}, of ${budgets[when]} bytes, gzipped`);
  if (totals[when] > budgets[when]) faults.push(`what is fetched ${when} is ${totals[when] - budgets[when]} bytes over its budget`);
}

if (/<script(?![^>]*\ssrc=)/.test(page) || /<style|\sstyle=|\son\w+=/.test(page)) {
  faults.push("dist/index.html holds an inline script or style, which the content security policy forbids");
}

const read = (dir, pattern) => files(dir).filter((f) => pattern.test(f)).map((f) => readFileSync(f, "utf8")).join("\n");
const sources = read(join(root, "src"), /\.tsx?$/) + read(join(root, "../.."), /\.go$/);
// Keys made from a code: t(`a.b.${x}`), code("a.b", x), and keys held in a table.
const prefixes = [...sources.matchAll(/t\(`([a-z_0-9.]+)\.\$\{/g), ...sources.matchAll(/code\(\s*(?:short \? )?"([a-z_0-9.]+)"(?: : "([a-z_0-9.]+)")?/g)].flatMap((m) => [m[1], m[2]].filter(Boolean));
for (const lang of ["vi", "en"]) {
  const texts = JSON.parse(readFileSync(join(root, `../locale/${lang}.json`), "utf8"));
  for (const key of Object.keys(texts)) {
    const used = sources.includes(`"${key}"`) || prefixes.some((p) => key.startsWith(p + "."));
    if (!used) faults.push(`${lang}.json: nothing uses ${key}`);
  }
}

for (const fault of faults) console.error("check:", fault);
process.exit(faults.length > 0 ? 1 : 0);
