import { defineConfig } from "vite";
import { shell } from "./scripts/shell.mjs";
import { texts } from "./scripts/texts.mjs";

// The build is committed and served under a content security policy of 'self': nothing may be
// inlined, no polyfill script may be injected, and two builds of one source must be identical.
export default defineConfig({
  base: "/",
  plugins: [texts(), shell()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    rollupOptions: {
      input: { index: "index.html", sw: "src/worker/sw.ts" },
      // A service worker's address must stay, and rule over the whole site.
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
});
