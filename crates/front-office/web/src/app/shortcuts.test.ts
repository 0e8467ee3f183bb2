import { expect, test } from "vitest";
import { isPressed, type Pressed } from "./shortcuts";

function press(change: Partial<Pressed>): Pressed {
  const plain = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
  return { key: "", code: "", ...plain, ...change };
}

test("with Alt the place of the key counts, not the character it gives", () => {
  expect(isPressed(press({ altKey: true, key: "®", code: "KeyR" }), "Alt+R")).toBe(true);
  expect(isPressed(press({ altKey: true, key: "1", code: "Digit1" }), "Alt+1")).toBe(true);
  expect(isPressed(press({ key: "r", code: "KeyR" }), "Alt+R")).toBe(false);
});

test("a character alone counts by itself, whatever Shift it took", () => {
  expect(isPressed(press({ key: "?", code: "Slash", shiftKey: true }), "?")).toBe(true);
  expect(isPressed(press({ key: "3", code: "Numpad3" }), "3")).toBe(true);
});

test("keys of the browser and of the system are left alone", () => {
  expect(isPressed(press({ ctrlKey: true, key: "3", code: "Digit3" }), "3")).toBe(false);
  expect(isPressed(press({ altKey: true, ctrlKey: true, code: "KeyR" }), "Alt+R")).toBe(false);
});
