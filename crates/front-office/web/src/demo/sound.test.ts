import { expect, test } from "vitest";
import { decodeFrame, loudness, playAt } from "./sound";

test("samples are little endian and signed", () => {
  const bytes = new Uint8Array([0x00, 0x40, 0x00, 0x80, 0x00, 0x00]).buffer;
  expect([...decodeFrame(bytes)]).toEqual([0.5, -1, 0]);
});

test("loudness is zero for silence and for nothing", () => {
  expect(loudness(new Float32Array(160))).toBe(0);
  expect(loudness(new Float32Array(0))).toBe(0);
  expect(loudness(new Float32Array([0.5, -0.5]))).toBe(0.5);
});

test("frames follow without a gap, a late start is held back, too much is dropped", () => {
  expect(playAt(10.1, 10)).toBe(10.1);
  expect(playAt(9, 10)).toBeCloseTo(10.06);
  expect(playAt(10.5, 10)).toBeUndefined();
});
