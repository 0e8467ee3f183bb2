import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { QuestionSchema, QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { checkAnswer, checkPicked, randomId, scaleLabel, scaleOf, toggled } from "./answer";

const question = (type: QuestionType, isRequired = true) =>
  create(QuestionSchema, { type, isRequired, decimals: 2 });

test("an empty answer is one only where none is required", () => {
  expect(checkAnswer(question(QuestionType.TEXT), "  ")).toHaveProperty("problem");
  expect(checkAnswer(question(QuestionType.TEXT, false), "  ")).toEqual({ value: "" });
});

test("numbers are numbers, with a point or a comma", () => {
  const integer = question(QuestionType.INTEGER);
  expect(checkAnswer(integer, " 12 ")).toEqual({ value: "12" });
  expect(checkAnswer(integer, "1.5")).toHaveProperty("problem");
  const decimal = question(QuestionType.DECIMAL);
  expect(checkAnswer(decimal, "12,50")).toEqual({ value: "12.50" });
  expect(checkAnswer(decimal, "1e9")).toHaveProperty("problem");
});

test("a date is a day that exists", () => {
  const date = question(QuestionType.DATE);
  expect(checkAnswer(date, "2028-02-29")).toEqual({ value: "2028-02-29" });
  expect(checkAnswer(date, "2027-02-29")).toHaveProperty("problem");
  expect(checkAnswer(date, "tomorrow")).toHaveProperty("problem");
});

test("numbers keep to their bounds, and to their decimals", () => {
  const money = create(QuestionSchema, {
    type: QuestionType.MONEY,
    currency: "EUR",
    decimals: 2,
    minimum: "0",
    maximum: "99.5",
  });
  expect(checkAnswer(money, "99,50")).toEqual({ value: "99.50" });
  expect(checkAnswer(money, "99,51")).toHaveProperty("problem");
  expect(checkAnswer(money, "-1")).toHaveProperty("problem");
  expect(checkAnswer(money, "1.005")).toHaveProperty("problem");
});

test("digits may be written in groups", () => {
  const minimum = "4";
  const digits = create(QuestionSchema, { type: QuestionType.DIGITS, minimum, maximum: "6" });
  expect(checkAnswer(digits, "00 12 3")).toEqual({ value: "00123" });
  expect(checkAnswer(digits, "123")).toHaveProperty("problem");
  expect(checkAnswer(digits, "12-34")).toHaveProperty("problem");
});

test("times and instants are written as their fields write them", () => {
  expect(checkAnswer(question(QuestionType.TIME), "14:30")).toEqual({ value: "14:30" });
  expect(checkAnswer(question(QuestionType.TIME), "noon")).toHaveProperty("problem");
  const instant = question(QuestionType.INSTANT);
  expect(checkAnswer(instant, "2026-12-01T14:30")).toEqual({ value: "2026-12-01T14:30" });
  expect(checkAnswer(instant, "2026-12-01")).toHaveProperty("problem");
});

test("the ends of a scale say what they mean", () => {
  const ends = { minimum: "0", maximum: "3", lowest: "not at all", highest: "" };
  const scale = create(QuestionSchema, { type: QuestionType.SCALE, ...ends });
  expect(scaleOf(scale)).toEqual(["0", "1", "2", "3"]);
  expect(scaleLabel(scale, "0")).toBe("0, not at all");
  expect(scaleLabel(scale, "3")).toBe("3");
});

test("choices are picked and dropped, as many as are wanted", () => {
  const bounds = { minimum: "1", maximum: "2", isRequired: true };
  const several = create(QuestionSchema, { type: QuestionType.MULTIPLE, ...bounds });
  expect(toggled(["a"], "b")).toEqual(["a", "b"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(checkPicked(several, ["b", "a"])).toEqual({ value: "b a" });
  expect(checkPicked(several, [])).toHaveProperty("problem");
  expect(checkPicked(several, ["a", "b", "c"])).toHaveProperty("problem");
  const optional = create(QuestionSchema, { ...bounds, isRequired: false });
  expect(checkPicked(optional, [])).toEqual({ value: "" });
});

test("two identifiers differ", () => {
  expect(randomId()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomId()).not.toBe(randomId());
});
