import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  // The server puts a fresh nonce in the place of this word in every answer.
  html: { cspNonce: "CARUSO_NONCE" },
  build: {
    target: ["chrome125", "firefox128", "safari17.5"],
    // data: addresses are not allowed by the page's security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: {
      "/rpc": server,
      "/demo": { target: server, ws: true },
      "/phone": { target: server, ws: true },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
