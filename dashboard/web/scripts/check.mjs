// Checks what the type checker cannot: the built files' size, that they obey the content security
// policy, and that every text is used somewhere, here or in Go.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const root = new URL("..", import.meta.url).pathname;
const budget = 60_000; // bytes, gzipped, all files together
const faults = [];

function files(dir) {
  const entries = readdirSync(dir, { withFileTypes: true }).filter((e) => e.name !== "node_modules" && e.name !== ".git");
  return entries.flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]));
}

let total = 0;
for (const file of files(join(root, "dist"))) {
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  total += size;
  console.log(String(size).padStart(7), file.slice(root.length));
}
console.log(String(total).padStart(7), `of ${budget} bytes, gzipped`);
if (total > budget) faults.push(`the front end is ${total - budget} bytes over its budget`);

const page = readFileSync(join(root, "dist/index.html"), "utf8");
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
