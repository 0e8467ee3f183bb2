import {
  type Question,
  QuestionType,
  type SpecialAnswer,
} from "../gen/caruso/script/v1/script_engine_pb";
import { en } from "../messages";

/** What is answered to a question. */
export interface Given {
  value: string;
  /** In place of a value. */
  special?: SpecialAnswer;
  /** Why it is right although a check doubts it. */
  reason?: string;
}

/** A value to send, or what is wrong with what was typed. */
export type Checked = { value: string } | { problem: string };

/** Checks what was typed as answer to a question; the engine checks it again. */
export function checkAnswer(question: Question, typed: string): Checked {
  const text = typed.trim();
  if (text === "") return question.isRequired ? { problem: en.script.required } : { value: "" };
  switch (question.type) {
    case QuestionType.INTEGER: {
      const isWhole = /^[+-]?\d{1,18}$/.test(text);
      return isWhole ? within(question, text) : { problem: en.script.notANumber };
    }
    case QuestionType.DECIMAL:
    case QuestionType.MONEY: {
      const decimal = text.replace(",", ".");
      if (!/^-?\d{1,20}(\.\d+)?$/.test(decimal)) return { problem: en.script.notADecimal };
      const places = decimal.split(".")[1]?.length ?? 0;
      return places > question.decimals
        ? { problem: en.script.tooExact(question.decimals) }
        : within(question, decimal);
    }
    case QuestionType.DATE:
      return isDate(text) ? { value: text } : { problem: en.script.notADate };
    case QuestionType.TIME:
      return /^\d{1,2}:\d{2}$/.test(text) ? { value: text } : { problem: en.script.notATime };
    case QuestionType.INSTANT:
      return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)
        ? { value: text }
        : { problem: en.script.notAnInstant };
    case QuestionType.DIGITS:
      return checkDigits(question, text.replace(/\s/g, ""));
    default:
      return { value: text };
  }
}

/** A number within the bounds of the question, which hold here but for what a float cannot tell. */
function within({ minimum, maximum }: Question, number: string): Checked {
  if (minimum !== "" && Number(number) < Number(minimum)) {
    return { problem: en.script.tooSmall(minimum) };
  }
  if (maximum !== "" && Number(number) > Number(maximum)) {
    return { problem: en.script.tooLarge(maximum) };
  }
  return { value: number };
}

function checkDigits({ minimum, maximum }: Question, digits: string): Checked {
  const isLong = digits.length >= Number(minimum) && digits.length <= Number(maximum);
  const isWhole = isLong && /^\d+$/.test(digits);
  return isWhole ? { value: digits } : { problem: `${en.script.digits(minimum, maximum)}.` };
}

/** Choices with one more, the last, or with one less. */
export function toggled(picked: string[], value: string): string[] {
  return picked.includes(value) ? picked.filter((it) => it !== value) : [...picked, value];
}

/** Picked choices as an answer. */
export function checkPicked({ minimum, maximum, isRequired }: Question, picked: string[]): Checked {
  if (picked.length === 0 && !isRequired) return { value: "" };
  const isEnough = picked.length >= Number(minimum) && picked.length <= Number(maximum);
  return isEnough
    ? { value: picked.join(" ") }
    : { problem: `${en.script.choose(minimum, maximum)}.` };
}

/** The numbers of a scale. */
export function scaleOf({ minimum, maximum }: Question): string[] {
  const first = Number(minimum);
  return Array.from({ length: Number(maximum) - first + 1 }, (_, index) => String(first + index));
}

/** A number of a scale, with what it means where that is said. */
export function scaleLabel(question: Question, number: string): string {
  const { minimum, maximum, lowest, highest } = question;
  const meaning = number === minimum ? lowest : number === maximum ? highest : "";
  return meaning === "" ? number : `${number}, ${meaning}`;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** An identifier that nobody else makes; also where the page was not loaded over TLS. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
