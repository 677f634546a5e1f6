// How the UI is built: one folder of hashed files that the server ships, nothing inline.
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { pythonAssets } from "./pythonAssets.ts";

const server = process.env.SPADEWORK_API_URL ?? "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react(), pythonAssets()],
  resolve: {
    alias: {
      // Radix locks the page's scroll with an injected <style>, which our CSP forbids. Our page
      // itself never scrolls (its panes do), so there is nothing to lock.
      "react-remove-scroll": fileURLToPath(new URL("./src/shared/scrollLock.tsx", import.meta.url)),
    },
  },
  build: {
    outDir: "../spadework/web/static",
    emptyOutDir: true,
    chunkSizeWarningLimit: 600,
    assetsInlineLimit: 0, // font-src is 'self' only, so no data: URLs
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every screen needs, in one file: many tiny files would each wait for the one before.
            { name: "base", test: /node_modules\/(?!uplot|@codemirror|@lezer|@marijn|style-mod|w3c-keyname|crelt|ag-grid|slickgrid)|src\/(api|frame|shared)\/(?!CodeMirrorEditor)/ },
          ],
        },
      },
    },
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // keeps light-dark() as written
  },
  server: {
    proxy: {
      "/api": server,
      "/v2": server,
      "/v3": { target: server, ws: true },
      "/healthz": server,
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
