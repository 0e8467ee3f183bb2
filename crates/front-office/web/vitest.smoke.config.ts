import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["smoke/*.smoke.ts"],
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
