import { expect, test } from "vitest";
import { dayAfter, daysBetween, isDay } from "./day";

test("days follow each other over months, leap days and changes of the clock", () => {
  expect(dayAfter("2028-02-28", 1)).toBe("2028-02-29");
  expect(dayAfter("2026-01-01", -1)).toBe("2025-12-31");
  expect(dayAfter("2026-03-29", 1)).toBe("2026-03-30");
});

test("half a typed date is no day", () => {
  expect(isDay("2026-03-01")).toBe(true);
  expect(isDay("")).toBe(false);
  expect(isDay("2026-3-1")).toBe(false);
});

test("days are counted over changes of the clock", () => {
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  expect(daysBetween("2026-03-28", "2026-03-28")).toBe(0);
});
