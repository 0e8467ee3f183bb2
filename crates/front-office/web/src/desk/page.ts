import {
  type Answered,
  type Prompt,
  PromptRole,
  type Question,
  QuestionType,
  SpecialAnswer,
  type View,
} from "../gen/caruso/script/v1/script_engine_pb";
import { checkAnswer, checkPicked } from "./answer";

/** A question of a page. */
export interface PageQuestion {
  step: string;
  /** Said or noted before the question. */
  prompts: Prompt[];
  /** The question itself. */
  text: string;
  question: Question;
  before?: Answered;
}

/** Questions that are answered together. */
export interface ShownPage {
  id: string;
  row: string;
  prompts: Prompt[];
  questions: PageQuestion[];
  /** The same question about several things. */
  isMatrix: boolean;
}

/** What stands in the form for a question. */
export interface Entry {
  value: string;
  special: SpecialAnswer;
  reason: string;
}

/** By step. */
export type Entries = Record<string, Entry>;
/** What is wrong with answers, by step. */
export type Problems = Record<string, string>;

const NOTHING: Entry = { value: "", special: SpecialAnswer.UNSPECIFIED, reason: "" };

export function entryOf(entries: Entries, step: string): Entry {
  return entries[step] ?? NOTHING;
}

/** The page that is shown now. */
export function pageOf({ page, row }: View): ShownPage | undefined {
  if (!page) return undefined;
  const questions = page.questions.flatMap(({ step, prompts, question, before }) => {
    if (!question) return [];
    const at = prompts.findLastIndex(({ role }) => role === PromptRole.SAY);
    const text = prompts[at]?.text ?? "";
    const others = prompts.filter((_, index) => index !== at);
    return [{ step, prompts: others, text, question, ...(before ? { before } : {}) }];
  });
  return { id: page.id, row, prompts: page.prompts, questions, isMatrix: page.isMatrix };
}

/** The page on which an earlier answer was given, with those of its answers that may change. */
export function earlierPage({ trail }: View, answered: Answered): ShownPage {
  const { page: id, row } = answered;
  const isOn = (each: Answered) =>
    each.page === id && each.row === row && each.lockedBecause === "";
  const questions = trail.filter(isOn).flatMap((before) => {
    const { step, question: text, asked: question } = before;
    return question ? [{ step, prompts: [], text, question, before }] : [];
  });
  const isMatrix = questions.every(({ step }) => step.startsWith(`${id}/`));
  return { id, row, prompts: [], questions, isMatrix };
}

/** The entries that a page begins with. */
export function entriesOf({ questions }: ShownPage): Entries {
  const known = questions.flatMap(({ step, before }) =>
    before ? [[step, { value: before.value, special: before.special, reason: "" }] as const] : [],
  );
  return Object.fromEntries(known);
}

/** The answers to send; what is wrong with those that are, by step. */
export function checkPage({ questions }: ShownPage, entries: Entries) {
  const problems: Problems = {};
  const answers = questions.map(({ step, question }) => {
    const { value, special, reason } = entryOf(entries, step);
    const answer = { step, value: "", special, overrideReason: reason.trim() };
    if (special !== SpecialAnswer.UNSPECIFIED) return answer;
    const checked = isSeveral(question)
      ? checkPicked(question, value.split(" ").filter(Boolean))
      : checkAnswer(question, value);
    if ("problem" in checked) problems[step] = checked.problem;
    else answer.value = checked.value;
    return answer;
  });
  return { answers, problems };
}

export function isSeveral({ type }: Question): boolean {
  return type === QuestionType.MULTIPLE || type === QuestionType.RANKING;
}
