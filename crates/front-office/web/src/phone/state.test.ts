import { expect, test } from "vitest";
import { constraints, elsewhere, isOn, OFF } from "./state";

test("a phone in another tab is shown as it is, but not as this tab's", () => {
  const talking = { ...OFF, phase: "talking" as const, isHere: true, isMuted: true };
  expect(elsewhere(talking)).toEqual({ ...talking, isHere: false });
});

test("a phone can be used once it is registered", () => {
  const on = (["off", "connecting", "ready", "ringing", "talking"] as const).map((phase) =>
    isOn({ ...OFF, phase }),
  );
  expect(on).toEqual([false, false, true, true, true]);
});

test("the microphone that was chosen is insisted on, and any will do where none was", () => {
  expect(constraints("abc")).toMatchObject({ deviceId: { exact: "abc" } });
  expect(constraints("")).not.toHaveProperty("deviceId");
});
