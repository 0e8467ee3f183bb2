import { useEffect, useRef, useState } from "react";
import { useDraft } from "../app/drafts";
import type { RefusedAnswer } from "../gen/caruso/script/v1/script_engine_pb";
import { Button, TextField } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";
import { PageField, titlesOf } from "./PageField";
import { Consequences, Prompts } from "./ScriptParts";
import {
  checkPage,
  type Entries,
  type Entry,
  entriesOf,
  entryOf,
  type Problems,
  type ShownPage,
} from "./page";

/** Answers of a page, as they are sent. */
export type PageAnswers = ReturnType<typeof checkPage>["answers"];

interface Properties {
  page: ShownPage;
  /** Under which what is typed is kept. */
  draft: string;
  isChange: boolean;
  isPending: boolean;
  /** Why nothing was taken, where that is about no question. */
  refusal: string;
  /** Gives the answers that were refused; nothing where that is not known. */
  onAnswer: (answers: PageAnswers) => Promise<RefusedAnswer[] | undefined>;
}

/** How the engine calls a doubt. */
const DOUBT = "CX0109";

/** The questions of a page in one form: Enter sends all answers. */
export function PageForm({ page, draft, isChange, isPending, refusal, onAnswer }: Properties) {
  const [text, setText] = useDraft(draft, JSON.stringify(entriesOf(page)));
  const entries = JSON.parse(text) as Entries;
  const [problems, setProblems] = useState<Problems>({});
  const [doubts, setDoubts] = useState<Problems>({});
  const form = useRef<HTMLFormElement>(null);
  const first = page.questions.find(({ step }) => problems[step] ?? doubts[step])?.step ?? "";
  useFocus(form, first, problems, doubts);
  const submit = async () => {
    if (isPending) return;
    const checked = checkPage(page, entries);
    setProblems(checked.problems);
    if (Object.keys(checked.problems).length > 0) return;
    const refused = (await onAnswer(checked.answers)) ?? [];
    setProblems(textsOf(refused.filter(({ code }) => code !== DOUBT)));
    setDoubts(textsOf(refused.filter(({ code }) => code === DOUBT)));
  };
  const change = (step: string, part: Partial<Entry>) => {
    const entry = { ...entryOf(entries, step), ...part };
    setText(JSON.stringify({ ...entries, [step]: entry }));
  };
  return (
    <form
      ref={form}
      className={page.isMatrix ? "questions matrix" : "questions"}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDownCapture={(event) => {
        const isRadio = event.target instanceof HTMLInputElement && event.target.type === "radio";
        if (event.key !== "Enter" || !isRadio) return;
        // else the radio button that has the focus would be chosen as well
        event.preventDefault();
        event.stopPropagation();
        void submit();
      }}
    >
      {page.isMatrix ? <Columns page={page} /> : null}
      {page.questions.map((question) => {
        const { step, prompts, before } = question;
        const doubt = doubts[step] ?? "";
        return (
          <div key={step} className="question" data-step={step}>
            <Prompts prompts={prompts} />
            {isChange && before ? <Consequences answered={before} /> : null}
            <PageField
              asked={question}
              isRow={page.isMatrix}
              entry={entryOf(entries, step)}
              problem={problems[step] ?? doubt}
              onChange={(part) => change(step, part)}
              onSubmit={() => void submit()}
            />
            {doubt ? (
              <TextField
                label={en.script.reason}
                value={entryOf(entries, step).reason}
                onChange={(reason) => change(step, { reason })}
                onSubmit={() => void submit()}
              />
            ) : null}
          </div>
        );
      })}
      {refusal ? <p className="problem">{refusal}</p> : null}
      <div className="row">
        <Button look="primary" type="submit" isPending={isPending} keys="Enter">
          {isChange ? en.script.saveChange : en.script.save}
        </Button>
      </div>
    </form>
  );
}

/** What stands above the columns of a table; each radio button is told by the same words. */
function Columns({ page }: { page: ShownPage }) {
  const question = page.questions[0]?.question;
  return (
    <div className="columns" aria-hidden="true">
      <span />
      <div>
        {question ? titlesOf(question).map(({ id, title }) => <span key={id}>{title}</span>) : null}
      </div>
    </div>
  );
}

function textsOf(refused: RefusedAnswer[]): Problems {
  return Object.fromEntries(refused.map(({ step, text }) => [step, text]));
}

/** Says how many answers are wrong, and moves the focus to the first of them. */
function useFocus(
  form: React.RefObject<HTMLFormElement | null>,
  step: string,
  problems: Problems,
  doubts: Problems,
): void {
  useEffect(() => {
    if (step === "") return;
    const count = Object.keys({ ...problems, ...doubts }).length;
    announce(en.script.wrong(count), "urgent");
    const fields = form.current?.querySelectorAll<HTMLElement>("[data-step]") ?? [];
    const question = Array.from(fields).find((each) => each.dataset["step"] === step);
    const isDoubted = !(step in problems);
    const controls = question?.querySelectorAll<HTMLElement>("input, textarea, button") ?? [];
    controls[isDoubted ? controls.length - 1 : 0]?.focus();
  }, [form, step, problems, doubts]);
}
