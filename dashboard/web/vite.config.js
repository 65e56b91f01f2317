import { defineConfig } from "vite";

// The build is committed and served under a content security policy of 'self': nothing may be
// inlined, no polyfill script may be injected, and two builds of one source must be identical.
export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
    sourcemap: false,
  },
});
