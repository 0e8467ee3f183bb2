import { expect, test } from "vitest";
import { backoff } from "./backoff";

test("waiting doubles and stops at eight seconds", () => {
  expect([0, 1, 2, 5, 6, 50].map((attempt) => backoff(attempt, 0))).toEqual([
    250, 500, 1000, 8000, 8000, 8000,
  ]);
});

test("chance takes off at most half", () => {
  expect(backoff(3, 0.999)).toBeGreaterThanOrEqual(1000);
  expect(backoff(3, 0)).toBe(2000);
});
