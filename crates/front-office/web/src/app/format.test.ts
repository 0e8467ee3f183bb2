import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AttributeSchema,
  ObjectSchema,
  ValueSchema,
} from "../gen/caruso/storage/v1/storage_manager_pb";
import { clockText, dateText, fieldsOf, secondOf, shareText, valueText } from "./format";

test("times run from seconds to hours and never below zero", () => {
  expect([-3, 7, 754, 3723].map(clockText)).toEqual(["0:00", "0:07", "12:34", "1:02:03"]);
  expect(secondOf(timestampFromDate(new Date(5_900)))).toBe(5);
  expect(secondOf(undefined)).toBeUndefined();
});

test("dates are calendar dates wherever the browser stands", () => {
  expect(dateText("2026-03-01")).toBe("1 Mar 2026");
  expect(dateText("soon")).toBe("soon");
});

test("a share has one decimal, and none where there was nothing to share", () => {
  expect(shareText(9750)).toBe("97.5%");
  expect(shareText(undefined)).toBe("");
});

const state = create(AttributeSchema, {
  name: "state",
  label: "State",
  type: "choice",
  values: [{ name: "open", label: "Open" }],
});

test("a choice shows its label, and its name where it has none", () => {
  const chosen = (value: string) => create(ValueSchema, { kind: { case: "choice", value } });
  expect(valueText(state, chosen("open"))).toBe("Open");
  expect(valueText(state, chosen("odd"))).toBe("odd");
  expect(valueText(state, undefined)).toBe("");
});

test("an object shows what it has, in order, without keys of others", () => {
  const attributes = [
    state,
    create(AttributeSchema, { name: "customer", type: "reference" }),
    create(AttributeSchema, { name: "note", label: "Note", type: "text" }),
    create(AttributeSchema, { name: "city", type: "text" }),
  ];
  const object = create(ObjectSchema, {
    attributes: {
      city: { kind: { case: "text", value: "Delft" } },
      state: { kind: { case: "choice", value: "open" } },
      customer: { kind: { case: "reference", value: "C1" } },
    },
  });
  expect(fieldsOf(attributes, object)).toEqual([
    ["State", "Open"],
    ["city", "Delft"],
  ]);
});
