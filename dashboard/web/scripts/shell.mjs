// Tells the service worker which files are the phone's shell: every script and style of the build, and
// the icons. Patient data is never among them.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { files } from "./texts.mjs";

const placeholder = /["'`]%SHELL%["'`]/;

export function shell() {
  let out = "";
  return {
    name: "shell",
    configResolved: (config) => void (out = resolve(config.root, config.build.outDir)),
    writeBundle() {
      const worker = join(out, "sw.js");
      const names = files(out).map((f) => f.slice(out.length)).filter((f) => f.startsWith("/assets/") || f === "/icon-192.png").sort();
      const version = createHash("sha256").update(readFileSync(join(out, "index.html"))).update(names.join()).digest("hex").slice(0, 12);
      const source = readFileSync(worker, "utf8");
      if (!placeholder.test(source)) throw new Error("the service worker has no place for the shell's files");
      writeFileSync(worker, source.replace(placeholder, () => JSON.stringify({ version, files: names })));
    },
  };
}
