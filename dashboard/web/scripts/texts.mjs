// Which texts of the catalogue the board needs at once, and which come with the parts that are fetched
// after it. Nobody keeps a list: what the modules that stand in main.tsx's static imports name is first.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const web = new URL("..", import.meta.url).pathname;
const source = join(web, "src");

/** Every file in a folder and its folders. */
export function files(dir) {
  const entries = readdirSync(dir, { withFileTypes: true }).filter((e) => e.name !== "node_modules" && e.name !== ".git");
  return entries.flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]));
}

/** A test of whether a source names a key: as it stands, or by the prefix of t(`a.b.${x}`) and code("a.b", x). */
export function namer(text) {
  const literal = new Set([...text.matchAll(/"([a-z_0-9.A-Z-]+)"/g)].map((m) => m[1]));
  const made = [...text.matchAll(/\bt(?:In\(\S+)?[( ]`([a-z_0-9.]+)\.\$\{/g)].map((m) => m[1]);
  const coded = [...text.matchAll(/\b(?:code|knows)\(([^,]*)/g)].flatMap((m) => [...m[1].matchAll(/"([a-z_0-9.]+)"/g)].map((x) => x[1]));
  const prefixes = new Set([...made, ...coded]);
  return (key) => {
    if (literal.has(key)) return true;
    for (let i = key.lastIndexOf("."); i > 0; i = key.lastIndexOf(".", i - 1)) if (prefixes.has(key.slice(0, i))) return true;
    return false;
  };
}

export function catalogue(lang) {
  return JSON.parse(readFileSync(join(web, `../locale/${lang}.json`), "utf8"));
}

/** The catalogue in two parts: { first: {vi, en}, later: {vi, en} }; what only Go names is in neither. */
export function split() {
  const first = namer(reach(join(source, "main.tsx")).map((f) => readFileSync(f, "utf8")).join("\n"));
  const all = namer(files(source).filter((f) => /\.tsx?$/.test(f)).map((f) => readFileSync(f, "utf8")).join("\n"));
  const part = (want) => Object.fromEntries(["vi", "en"].map((l) => [l, Object.fromEntries(Object.entries(catalogue(l)).filter(([k]) => want(k)))]));
  return { first: part(first), later: part((k) => all(k) && !first(k)) };
}

// The files that a module's static imports lead to, itself included.
function reach(entry, seen = new Set()) {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const text = readFileSync(entry, "utf8");
  const imports = [...text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;]*?\sfrom\s+)?"(\.[^"]+)"/gm)].map((m) => m[1]);
  return [entry, ...imports.flatMap((path) => {
    const base = join(dirname(entry), path);
    const file = [base, base + ".ts", base + ".tsx"].find((f) => /\.tsx?$/.test(f) && existsSync(f));
    return file ? reach(file, seen) : [];
  })];
}

const virtual = "virtual:texts/";

/** The Vite plugin that serves the two parts as modules. */
export function texts() {
  return {
    name: "texts",
    resolveId: (id) => (id.startsWith(virtual) ? "\0" + id : null),
    load(id) {
      if (!id.startsWith("\0" + virtual)) return null;
      return `export default ${JSON.stringify(split()[id.slice(virtual.length + 1)])}`;
    },
  };
}
