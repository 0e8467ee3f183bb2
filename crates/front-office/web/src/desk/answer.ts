import { type Question, QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { en } from "../messages";

/** A value to send, or what is wrong with what was typed. */
export type Checked = { value: string } | { problem: string };

/** Checks what was typed as answer to a question; the engine checks it again. */
export function checkAnswer(question: Question, typed: string): Checked {
  const text = typed.trim();
  if (text === "") return question.isRequired ? { problem: en.script.required } : { value: "" };
  switch (question.type) {
    case QuestionType.INTEGER:
      return /^[+-]?\d{1,18}$/.test(text) ? { value: text } : { problem: en.script.notANumber };
    case QuestionType.DECIMAL: {
      const decimal = text.replace(",", ".");
      return /^[+-]?\d+(\.\d+)?$/.test(decimal)
        ? { value: decimal }
        : { problem: en.script.notADecimal };
    }
    case QuestionType.DATE:
      return isDate(text) ? { value: text } : { problem: en.script.notADate };
    default:
      return { value: text };
  }
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
