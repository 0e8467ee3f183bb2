import { expect, test } from "vitest";
import { createStore } from "./store";

test("many writes within a frame are told once, with the last value", () => {
  const frames: Array<() => void> = [];
  const store = createStore(0, (run) => frames.push(run));
  const seen: number[] = [];
  store.subscribe(() => seen.push(store.read()));
  store.write(1);
  store.write(2);
  store.update((current) => current + 1);
  expect(seen).toEqual([]);
  expect(frames).toHaveLength(1);
  frames[0]?.();
  expect(seen).toEqual([3]);
});
