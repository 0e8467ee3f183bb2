import {
  type Action,
  ActionState,
  type Answered,
  type Prompt,
  PromptRole,
  QuestionType,
  SpecialAnswer,
  type View,
} from "../gen/caruso/script/v1/script_engine_pb";
import { Button, Mark, Notice, type Tone } from "../kit";
import { en } from "../messages";

/** Texts of a step: what to say to the customer, and what is for the agent's eyes. */
export function Prompts({ prompts }: { prompts: Prompt[] }) {
  return prompts.map(({ role, text }, index) =>
    role === PromptRole.NOTE ? (
      <p key={index} className="note">
        <span className="role">{en.script.note}</span> {text}
      </p>
    ) : (
      <p key={index} className="say">
        <span className="unseen">{en.script.say}: </span>
        {text}
      </p>
    ),
  );
}

/** The section in which the conversation stands, and how many questions are left. */
export function Progress({ view }: { view: View }) {
  const { section, fewestQuestionsLeft: fewest, mostQuestionsLeft: most } = view;
  if (most === 0) return null;
  return (
    <p className="hint">
      {section ? `${section}, ` : null}
      {en.script.left(fewest, most)}
    </p>
  );
}

/** Tells a step of the path from all others. */
export function placeKey({ step, row }: Pick<Answered, "step" | "row">): string {
  return row ? `${step} ${row}` : step;
}

interface TrailProperties {
  trail: Answered[];
  /** The script has come to its end: then it goes without saying that nothing can be changed. */
  isOver: boolean;
  /** The key of the step whose answer is being changed; empty for none. */
  changed: string;
  onChange: (key: string) => void;
  /** Removes a row of a roster, or brings it back. */
  onRow: (row: Answered, isThere: boolean) => void;
}

/** The answered questions on the path; an information step is passed without a trace. */
export function Trail({ trail, isOver, changed, onChange, onRow }: TrailProperties) {
  const questions = trail.filter(({ asked, value }) => asked || value !== "");
  if (questions.length === 0) return null;
  return (
    <section className="trail" aria-label={en.script.trail}>
      <ol>
        {questions.map((answered, index) => (
          <li key={placeKey(answered)} className={placeKey(answered) === changed ? "changed" : ""}>
            {answered.isRow ? (
              <RowHead row={answered} onRow={onRow} />
            ) : (
              <AnsweredParts answered={answered} onChange={onChange} />
            )}
            {isOver ? null : <Locked reason={lockOf(questions, index)} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The same for who reads and changes nothing. */
export function GivenAnswers({ trail }: { trail: Answered[] }) {
  const questions = trail.filter(({ asked, value }) => asked || value !== "");
  if (questions.length === 0) return null;
  return (
    <section className="trail" aria-label={en.script.trail}>
      <ol>
        {questions.map((answered) => (
          <li key={placeKey(answered)}>
            <p>
              <span className="question">{answered.question}</span>{" "}
              {answered.isRow ? null : (
                <span className={isGiven(answered) ? "given" : "locked"}>
                  {givenText(answered)}
                </span>
              )}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What a row of a roster is called; the answers below it are of the row, up to the next. */
function RowHead({ row, onRow }: { row: Answered; onRow: TrailProperties["onRow"] }) {
  const isThere = row.value === "true";
  const words = isThere ? en.script.removeRow : en.script.restoreRow;
  return (
    <>
      <p>
        <strong>{row.question}</strong>{" "}
        {isThere ? null : <span className="locked">{en.script.removed}</span>}
      </p>
      {isChangeable(row) ? (
        <Button
          look="quiet"
          size="small"
          label={`${words}: ${row.question}`}
          onPress={() => onRow(row, !isThere)}
        >
          {words}
        </Button>
      ) : null}
      {isThere ? <Consequences answered={row} /> : null}
    </>
  );
}

interface AnsweredProperties {
  answered: Answered;
  onChange: (key: string) => void;
}

function AnsweredParts({ answered, onChange }: AnsweredProperties) {
  return (
    <>
      <p>
        <span className="question">{answered.question}</span>{" "}
        <span className={isGiven(answered) ? "given" : "locked"}>{givenText(answered)}</span>
        {answered.overrideReason ? (
          <span className="locked"> {en.script.kept(answered.overrideReason)}</span>
        ) : null}
      </p>
      {isChangeable(answered) ? (
        <Button
          look="quiet"
          size="small"
          label={`${en.script.change}: ${answered.question}`}
          onPress={() => onChange(placeKey(answered))}
        >
          {en.script.change}
        </Button>
      ) : null}
    </>
  );
}

function isChangeable({ asked, lockedBecause }: Answered): boolean {
  return asked !== undefined && lockedBecause === "";
}

function isGiven({ value, special }: Answered): boolean {
  return value !== "" || special !== SpecialAnswer.UNSPECIFIED;
}

function givenText({ asked, label, value }: Answered): string {
  const isYesNo = asked?.type === QuestionType.YES_NO || asked?.type === QuestionType.CONSENT;
  if (isYesNo && value !== "") {
    return value === "true" ? en.yes : en.no;
  }
  return label || value || en.script.skipped;
}

/** Why answers are locked, said once, at the last of those that are locked for the same reason. */
function lockOf(questions: Answered[], index: number): string {
  const reason = questions[index]?.lockedBecause ?? "";
  return questions[index + 1]?.lockedBecause === reason ? "" : reason;
}

function Locked({ reason }: { reason: string }) {
  return reason ? <span className="locked">{en.script.locked(reason)}</span> : null;
}

/** What changing an answer takes back, and what it does not, said before it is changed. */
export function Consequences({ answered }: { answered: Answered }) {
  const { undone, kept } = answered;
  if (undone.length === 0 && kept.length === 0) return null;
  return (
    <Notice tone="work" title={en.script.consequences}>
      {undone.length > 0 ? `${en.script.undone(undone)} ` : null}
      {kept.length > 0 ? en.script.stays(kept) : null}
    </Notice>
  );
}

const TONES: Record<ActionState, Tone> = {
  [ActionState.UNSPECIFIED]: "off",
  [ActionState.QUEUED]: "work",
  [ActionState.CONFIRMED]: "good",
  [ActionState.FAILED]: "bad",
  [ActionState.UNDOING]: "work",
  [ActionState.UNDONE]: "off",
  [ActionState.NOT_UNDONE]: "bad",
};

/** What the script has set going, and what came of it. */
export function Actions({ actions }: { actions: Action[] }) {
  if (actions.length === 0) return null;
  return (
    <section className="actions" aria-label={en.script.actions}>
      <h3>{en.script.actions}</h3>
      <ul>
        {actions.map(({ name, state, result }, index) => (
          <li key={index}>
            <Mark tone={TONES[state]} />
            <p>
              {name} <strong>{en.script.actionState[state]}</strong>{" "}
              {result ? <span className="result">{result}</span> : null}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
