import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AttributeSchema,
  ObjectSchema,
  ValueSchema,
} from "../gen/caruso/storage/v1/storage_manager_pb";
import {
  clockText,
  dateText,
  fieldsOf,
  moneyText,
  secondOf,
  shareText,
  summaryOf,
  valueText,
  wordsOf,
} from "./format";

test("times run from seconds to hours and never below zero", () => {
  expect([-3, 7, 754, 3723].map(clockText)).toEqual(["0:00", "0:07", "12:34", "1:02:03"]);
  expect(secondOf(timestampFromDate(new Date(5_900)))).toBe(5);
  expect(secondOf(undefined)).toBeUndefined();
});

test("money stands with its currency and all its decimals", () => {
  expect(moneyText("1234.50 EUR")).toBe("€1,234.50");
  expect(moneyText("-0.05 GBP")).toBe("-£0.05");
  expect(moneyText("3 JPY")).toBe("JP¥3");
  expect(moneyText("9007199254740993.01 EUR")).toBe("€9,007,199,254,740,993.01");
  const value = create(ValueSchema, { kind: { case: "money", value: "12.50 EUR" } });
  expect(valueText(undefined, value)).toBe("€12.50");
  for (const odd of ["", "12.50", "EUR 12.50", "12.50 eur", "1e3 EUR", "1 EUR 2"]) {
    expect(moneyText(odd)).toBe(odd);
  }
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

test("a name of a program is shown as words", () => {
  expect(["topic", "move-recorded", "is_known", ""].map(wordsOf)).toEqual([
    "Topic",
    "Move recorded",
    "Is known",
    "",
  ]);
});

test("the line of an object starts with what says something", () => {
  const attribute = (name: string, type: string) => create(AttributeSchema, { name, type });
  const text = (value: string) => ({ kind: { case: "text" as const, value } });
  const lineOf = (types: Array<[string, string]>, init: MessageInitShape<typeof ObjectSchema>) => {
    const attributes = types.map(([name, type]) => attribute(name, type));
    return summaryOf(attributes, create(ObjectSchema, init)).map(([, value]) => value);
  };
  const types = { number: "int", contact: "text", date: "date", kind: "text" };
  const report = lineOf(Object.entries(types), {
    key: "22",
    attributes: {
      number: { kind: { case: "integer", value: 22n } },
      contact: text("01J9ZQK8M3V5T7X2B4N6"),
      date: { kind: { case: "date", value: "2026-03-01" } },
      kind: text("Smell of gas"),
    },
  });
  expect(report).toEqual(["Smell of gas", "1 Mar 2026", "01J9ZQK8M3V5T7X2B4N6"]);
  const meter = lineOf([["number", "text"], ["since", "date"], ["smart", "bool"]], {
    key: "E786330006418",
    attributes: {
      number: text("E786330006418"),
      since: { kind: { case: "date", value: "2026-03-01" } },
      smart: { kind: { case: "boolean", value: true } },
    },
  });
  expect(meter).toEqual(["E786330006418", "1 Mar 2026"]);
});
