import {
  type Question,
  QuestionType,
  SpecialAnswer,
} from "../gen/caruso/script/v1/script_engine_pb";
import { Button, ChoiceGroup, type Option, TextField } from "../kit";
import { en } from "../messages";
import { Pick } from "./Several";
import { answerLabel, capitalized, typedKind } from "./QuestionForm";
import { scaleLabel, scaleOf, toggled } from "./answer";
import { type Entry, isSeveral, type PageQuestion } from "./page";

interface Properties {
  asked: PageQuestion;
  entry: Entry;
  problem: string;
  /** It is a row of a table. */
  isRow: boolean;
  onChange: (part: Partial<Entry>) => void;
  onSubmit: () => void;
}

/** What a radio button stands for that is no value. */
const SPECIAL = "special ";
const SKIPPED = "skipped ";
/** Texts of so many characters have one line. */
const SHORT = 120;

/** The field of a question in a form of several. */
export function PageField(properties: Properties) {
  const { question } = properties.asked;
  if (optionsOf(question)) return <Radios {...properties} />;
  return (
    <>
      {isSeveral(question) ? <Picks {...properties} /> : <Line {...properties} />}
      <Specials {...properties} />
    </>
  );
}

/** What is chosen from, one of it; nothing where the answer is typed, or several are chosen. */
function optionsOf(question: Question): Option[] | undefined {
  switch (question.type) {
    case QuestionType.YES_NO:
    case QuestionType.CONSENT:
      return [
        { id: "true", title: en.yes },
        { id: "false", title: en.no },
      ];
    case QuestionType.CHOICE:
      return question.choices.map(({ value, label }) => ({ id: value, title: label || value }));
    case QuestionType.SCALE:
      return scaleOf(question).map((id) => ({ id, title: scaleLabel(question, id) }));
    default:
      return undefined;
  }
}

/** All that a radio button can stand for. */
export function titlesOf(question: Question): Option[] {
  const specials = question.specials.map(({ special, label }) => ({
    id: SPECIAL + String(special),
    title: capitalized(label),
  }));
  const skip = question.isRequired ? [] : [{ id: SKIPPED, title: en.script.optional }];
  return [...(optionsOf(question) ?? []), ...specials, ...skip];
}

function Radios({ asked, entry, problem, isRow, onChange }: Properties) {
  const { question, text } = asked;
  const isSpecial = entry.special !== SpecialAnswer.UNSPECIFIED;
  const isScale = question.type === QuestionType.SCALE;
  return (
    <ChoiceGroup
      label={text}
      look={isRow ? "matrix" : isScale ? "segments" : "list"}
      options={titlesOf(question)}
      value={isSpecial ? SPECIAL + String(entry.special) : entry.value}
      problem={problem}
      onChange={(id) => {
        if (id.startsWith(SPECIAL)) {
          onChange({ value: "", special: Number(id.slice(SPECIAL.length)) });
        } else {
          onChange({ value: id === SKIPPED ? "" : id, special: SpecialAnswer.UNSPECIFIED });
        }
      }}
    />
  );
}

function Picks({ asked, entry, problem, onChange }: Properties) {
  const { question, text } = asked;
  const picked = entry.value.split(" ").filter(Boolean);
  const isRanked = question.type === QuestionType.RANKING;
  return (
    <div className="answers list" role="group" aria-label={text}>
      <p className="label">{text}</p>
      {question.choices.map(({ value, label }) => (
        <Pick
          key={value}
          label={label || value}
          rank={isRanked ? picked.indexOf(value) + 1 : 0}
          isPicked={picked.includes(value)}
          keys=""
          isFocusedFirst={false}
          onPress={() => {
            const changed = toggled(picked, value).join(" ");
            onChange({ value: changed, special: SpecialAnswer.UNSPECIFIED });
          }}
        />
      ))}
      {problem ? <p className="problem">{problem}</p> : null}
    </div>
  );
}

function Line({ asked, entry, problem, onChange, onSubmit }: Properties) {
  const { question, text } = asked;
  const hint = answerLabel(question);
  const isShort = question.maximum !== "" && Number(question.maximum) <= SHORT;
  const kind = question.type === QuestionType.TEXT && isShort ? {} : typedKind(question.type);
  return (
    <TextField
      label={hint ? `${text} (${hint})` : text}
      value={entry.value}
      onChange={(value) => onChange({ value, special: SpecialAnswer.UNSPECIFIED })}
      problem={problem}
      isRequired={question.isRequired && question.specials.length === 0}
      onSubmit={onSubmit}
      isSubmittedByEnter
      {...kind}
    />
  );
}

/** What may be said in place of a value. */
function Specials({ asked, entry, onChange }: Properties) {
  const { question, text } = asked;
  if (question.specials.length === 0) return null;
  return (
    <div className="row">
      {question.specials.map(({ special, label }) => (
        <Button
          key={special}
          look={entry.special === special ? "primary" : "quiet"}
          isPressed={entry.special === special}
          label={`${capitalized(label)}: ${text}`}
          onPress={() => {
            const isOn = entry.special === special;
            onChange(isOn ? { special: SpecialAnswer.UNSPECIFIED } : { value: "", special });
          }}
        >
          {capitalized(label)}
        </Button>
      ))}
    </div>
  );
}
