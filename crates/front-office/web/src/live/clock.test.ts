import { expect, test } from "vitest";
import { ServerClock } from "./clock";

test("without an observation the local clock counts", () => {
  expect(new ServerClock().now(5_000)).toBe(5_000);
});

test("the fastest message decides the offset", () => {
  const clock = new ServerClock();
  clock.observe(1_000, 61_400);
  clock.observe(2_000, 62_020);
  clock.observe(3_000, 64_000);
  expect(clock.now(70_000)).toBe(9_980);
});

test("old observations are forgotten, so that a corrected clock is followed", () => {
  const clock = new ServerClock();
  clock.observe(9_000, 1_000);
  for (let i = 0; i < 20; i += 1) clock.observe(1_000, 1_000);
  expect(clock.now(2_000)).toBe(2_000);
});
