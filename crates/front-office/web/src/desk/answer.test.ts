import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { QuestionSchema, QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { checkAnswer, randomId } from "./answer";

const question = (type: QuestionType, isRequired = true) =>
  create(QuestionSchema, { type, isRequired });

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

test("two identifiers differ", () => {
  expect(randomId()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomId()).not.toBe(randomId());
});
