import { Code, ConnectError } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { forgetDrafts } from "../app/drafts";
import { wordsOf } from "../app/format";
import { isTextField, useShortcut } from "../app/shortcuts";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import {
  type Answered,
  type RefusedAnswer,
  SpecialAnswer,
  type View,
} from "../gen/caruso/script/v1/script_engine_pb";
import { Button, Empty, Notice } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";
import { type Given, randomId } from "./answer";
import { Doubt } from "./Doubt";
import { Interrupts } from "./Interrupts";
import { type PageAnswers, PageForm } from "./PageForm";
import { QuestionForm } from "./QuestionForm";
import {
  Actions,
  Consequences,
  GivenAnswers,
  placeKey,
  Progress,
  Prompts,
  Trail,
} from "./ScriptParts";
import { earlierPage, pageOf, type ShownPage } from "./page";
import { newestView } from "./situation";

interface Properties {
  desk: WatchDeskResponse;
  contact: CurrentContact;
}

/** The dialogue script beside the call. */
export function ScriptPane({ desk, contact }: Properties) {
  const [answered, setAnswered] = useState<View>();
  const view = newestView(desk.script, answered);
  if (view) {
    const isLate = desk.late.includes("script");
    if (contact.isConsulted) return <Reading view={view} isLate={isLate} />;
    return <Session view={view} isLate={isLate} onView={setAnswered} />;
  }
  if (!contact.script) return <Empty title={en.script.none} />;
  if (desk.scriptProblem) {
    return (
      <Notice tone="bad" title={en.script.problem}>
        {desk.scriptProblem}
      </Notice>
    );
  }
  if (contact.isConsulted) return <Empty title={en.consult.noScript} />;
  if (!contact.connectedAt) return <Empty title={en.script.waiting} />;
  if (desk.customers.length > 1 && !desk.customerKey) return <Empty title={en.script.undecided} />;
  return <Empty title={en.script.starting} />;
}

/** The script of the agent who asks, as far as it is. */
function Reading({ view, isLate }: { view: View; isLate: boolean }) {
  return (
    <div className="session">
      <header className="headline">
        <h2>{view.scriptTitle}</h2>
        <Progress view={view} />
      </header>
      <p className="hint">{en.consult.reading}</p>
      {isLate ? <Notice tone="bad" title={en.script.late} /> : null}
      <GivenAnswers trail={view.trail} />
      <div className="step" role="group">
        <Prompts prompts={view.prompts} />
      </div>
    </div>
  );
}

interface SessionProperties {
  view: View;
  isLate: boolean;
  onView: (view: View) => void;
}

/** A step, in a row where it stands in a roster. */
type Place = Pick<View, "step" | "row">;

/** An answer that a check of the script doubts. */
interface Doubted {
  place: Place;
  given: Given;
  /** What speaks against it. */
  text: string;
}

/** Sends an answer under one request id, however often it is tried. */
function useAnswer(view: View, onView: (view: View) => void) {
  const command = useCommand();
  const [doubted, setDoubted] = useState<Doubted>();
  const sent = useRef({ what: "", requestId: "" });
  /** Whether it was taken. */
  const answer = async ({ step, row }: Place, given: Given) => {
    const { sessionId, sequence } = view;
    const { value, special = SpecialAnswer.UNSPECIFIED, reason: overrideReason = "" } = given;
    const what = JSON.stringify([sessionId, String(sequence), step, row, given]);
    if (sent.current.what !== what) sent.current = { what, requestId: randomId() };
    const { requestId } = sent.current;
    const about = { requestId, sessionId, sequence, step, row };
    const request = { ...about, value, special, overrideReason };
    let text = "";
    const isDone = await command.run(async () => {
      try {
        const response = await client.answer(request, { timeoutMs: 5_000 });
        if (response.view) onView(response.view);
        forgetDrafts(draftKey(sessionId, placeKey({ step, row })));
      } catch (error) {
        const failure = ConnectError.from(error);
        if (failure.code !== Code.OutOfRange) throw error;
        text = failure.rawMessage;
        announce(text, "urgent");
      }
    });
    setDoubted(text === "" ? undefined : { place: { step, row }, given, text });
    return isDone && text === "";
  };
  return { ...command, answer, doubted, dropDoubt: () => setDoubted(undefined) };
}

/** Sends the answers of a page under one request id, however often it is tried. */
function usePage(view: View, onView: (view: View) => void) {
  const command = useCommand();
  const sent = useRef({ what: "", requestId: "" });
  /** The answers that were refused; nothing where it is not known whether they were taken. */
  const answerPage = async ({ id: page, row }: ShownPage, answers: PageAnswers) => {
    const { sessionId, sequence } = view;
    const what = JSON.stringify([sessionId, String(sequence), page, row, answers]);
    if (sent.current.what !== what) sent.current = { what, requestId: randomId() };
    const { requestId } = sent.current;
    const request = { requestId, sessionId, sequence, page, row, answers };
    let refused: RefusedAnswer[] = [];
    const isDone = await command.run(async () => {
      const response = await client.answerPage(request, { timeoutMs: 5_000 });
      refused = response.refused;
      if (refused.length > 0) return;
      if (response.view) onView(response.view);
      forgetDrafts(draftKey(sessionId, `page.${page} ${row}`));
      forgetDrafts(draftKey(sessionId, `change.page.${page} ${row}`));
    });
    return isDone ? refused : undefined;
  };
  return { ...command, answerPage };
}

function draftKey(session: string, place: string): string {
  return `${session}.${place}`;
}

function Session({ view, isLate, onView }: SessionProperties) {
  const { answer, isPending, problem, doubted, dropDoubt } = useAnswer(view, onView);
  const [changed, setChanged] = useState("");
  const step = useRef<HTMLDivElement>(null);
  useStepFocus(view, step);
  useSpokenActions(view);
  const asPage = usePage(view, onView);
  const change = view.trail.find((each) => placeKey(each) === changed);
  const page = change?.page ? earlierPage(view, change) : change ? undefined : pageOf(view);
  const onPage = async (answers: PageAnswers) => {
    if (!page) return [];
    const refused = await asPage.answerPage(page, answers);
    if (refused?.length === 0) setChanged("");
    return refused;
  };
  const onAnswer = async (place: Place, given: Given) => {
    if (await answer(place, given)) setChanged("");
  };
  const here = change ?? view;
  return (
    <div className="session">
      <header className="headline">
        <h2>{view.scriptTitle}</h2>
        <Progress view={view} />
      </header>
      {isLate ? <Notice tone="bad" title={en.script.late} /> : null}
      <Trail
        trail={view.trail.filter((each) => !isOnPage(view, each))}
        isOver={view.state.case === "end"}
        changed={changed}
        onChange={setChanged}
        onRow={(row, isThere) => void onAnswer(row, { value: String(isThere) })}
      />
      <div className="step" ref={step} tabIndex={-1} role="group" aria-live="off">
        {page ? (
          <>
            {change ? <h3>{en.script.changing}</h3> : null}
            {!change && view.rowTitle ? <h3>{view.rowTitle}</h3> : null}
            <Prompts prompts={page.prompts} />
            <PageForm
              key={`${changed}.${page.id} ${page.row}`}
              page={page}
              draft={draftKey(
                view.sessionId,
                `${change ? "change." : ""}page.${page.id} ${page.row}`,
              )}
              isChange={change !== undefined}
              isPending={asPage.isPending}
              refusal={asPage.problem}
              onAnswer={onPage}
            />
            {change ? (
              <Button look="quiet" onPress={() => setChanged("")}>
                {en.cancel}
              </Button>
            ) : null}
          </>
        ) : change?.asked ? (
          <>
            <h3>{en.script.changing}</h3>
            <p className="say">{change.question}</p>
            <Consequences answered={change} />
            <QuestionForm
              key={`change.${placeKey(change)}`}
              question={change.asked}
              draft={draftKey(view.sessionId, `change.${placeKey(change)}`)}
              given={change.value}
              isPending={isPending}
              isFocusedFirst
              refusal={problem}
              onAnswer={(given) => void onAnswer(change, given)}
            />
            <Button look="quiet" onPress={() => setChanged("")}>
              {en.cancel}
            </Button>
          </>
        ) : (
          <Step view={view} isPending={isPending} refusal={problem} onAnswer={onAnswer} />
        )}
        {doubted && placeKey(doubted.place) === placeKey(here) ? (
          <Doubt
            key={`${placeKey(doubted.place)}.${JSON.stringify(doubted.given)}`}
            text={doubted.text}
            isPending={isPending}
            onKeep={(reason) => void onAnswer(doubted.place, { ...doubted.given, reason })}
            onDrop={dropDoubt}
          />
        ) : null}
      </div>
      <Interrupts view={view} onView={onView} />
      <Actions actions={view.actions} />
    </div>
  );
}

/** Whether an answer stands on the page that is shown. */
function isOnPage({ page, row }: View, answered: Answered): boolean {
  return page !== undefined && answered.page === page.id && answered.row === row;
}

interface StepProperties {
  view: View;
  isPending: boolean;
  refusal: string;
  onAnswer: (place: Place, given: Given) => Promise<void>;
}

function Step({ view, isPending, refusal, onAnswer }: StepProperties) {
  const { state } = view;
  return (
    <>
      {view.rowTitle ? <h3>{view.rowTitle}</h3> : null}
      <Prompts prompts={view.prompts} />
      {state.case === "question" ? (
        <QuestionForm
          key={placeKey(view)}
          question={state.value}
          draft={draftKey(view.sessionId, placeKey(view))}
          isPending={isPending}
          isFocusedFirst={false}
          refusal={refusal}
          onAnswer={(given) => void onAnswer(view, given)}
        />
      ) : null}
      {state.case === "information" ? (
        <Continue isPending={isPending} onPress={() => void onAnswer(view, { value: "" })} />
      ) : null}
      {state.case !== "question" && refusal ? <p className="problem">{refusal}</p> : null}
      {state.case === "waiting" ? (
        <p className="hint">{state.value.text || en.script.wait}</p>
      ) : null}
      {state.case === "paused" ? (
        <Notice tone="good" title={en.script.paused}>
          {en.script.goesOn(state.value.text)}
        </Notice>
      ) : null}
      {state.case === "handOff" ? (
        <p className="hint">{en.script.handOff(state.value.queue)}</p>
      ) : null}
      {state.case === "end" ? (
        <Notice tone="good" title={en.script.end}>
          {wordsOf(state.value.outcome)}
        </Notice>
      ) : null}
    </>
  );
}

function Continue({ isPending, onPress }: { isPending: boolean; onPress: () => void }) {
  useShortcut("1", en.script.next, onPress, !isPending);
  return (
    <Button look="primary" size="large" keys="1" isPending={isPending} onPress={onPress}>
      {en.script.next}
    </Button>
  );
}

/**
 * Moves the focus to the first control of a new step and says the step. Text that is being typed
 * elsewhere keeps the focus.
 */
function useStepFocus(view: View, step: React.RefObject<HTMLDivElement | null>): void {
  const place = `${view.sessionId} ${placeKey(view)} ${view.state.case}`;
  const text = [view.rowTitle, view.prompts[0]?.text].filter(Boolean).join(": ");
  const isEnd = view.state.case === "end";
  useEffect(() => {
    announce(isEnd ? en.script.spokenEnd : en.script.spokenStep(text));
    const active = document.activeElement;
    if (isTextField(active) && !step.current?.contains(active)) return;
    const control = step.current?.querySelector<HTMLElement>("input, textarea, button");
    (control ?? step.current)?.focus({ preventScroll: false });
  }, [place, text, isEnd, step]);
}

function useSpokenActions(view: View): void {
  const spoken = useRef(new Map<string, number>());
  useEffect(() => {
    for (const [index, { name, state }] of view.actions.entries()) {
      // an action that was taken back may be sent anew
      const key = `${index} ${name}`;
      const before = spoken.current.get(key);
      spoken.current.set(key, state);
      if (before === state) continue;
      announce(en.script.spokenAction(name, en.script.actionState[state] ?? ""));
    }
  }, [view.actions]);
}
