import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ContactSchema, SegmentSchema } from "../gen/caruso/contact/v1/contact_pb";
import { lengthOf, neighbour, widths } from "./path";

test("a segment that still lasts is measured until now", () => {
  const startedAt = timestampFromMs(10_000);
  const lasting = create(SegmentSchema, { startedAt });
  const ended = create(SegmentSchema, { startedAt, endedAt: timestampFromMs(14_500) });
  expect(lengthOf(lasting, 40)).toBe(30);
  expect(lengthOf(ended, 40)).toBe(4.5);
});

test("widths follow the lengths, and none disappears", () => {
  expect(widths([90, 10, 0])).toEqual([90, 10, 4]);
  expect(widths([0, 0])).toEqual([4, 4]);
});

test("the keys go through the list and stop at its ends", () => {
  const contacts = ["a", "b"].map((contactId) => create(ContactSchema, { contactId }));
  expect(neighbour(contacts, "", 1)).toBe("a");
  expect(neighbour(contacts, "a", 1)).toBe("b");
  expect(neighbour(contacts, "b", 1)).toBe("b");
  expect(neighbour([], "", 1)).toBe("");
});
