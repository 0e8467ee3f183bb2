import { expect, test } from "vitest";
import { parseTold } from "./line";

test("a state is taken with its cause", () => {
  const told = parseTold('{"type":"state","phase":"ended","cause":"486 Busy Here"}');
  expect(told).toEqual({ type: "state", phase: "ended", cause: "486 Busy Here" });
});

test("anything else is left alone", () => {
  for (const text of ["", "{}", '{"type":"state","phase":"odd"}', "[1", '"state"']) {
    expect(parseTold(text)).toBeUndefined();
  }
});
