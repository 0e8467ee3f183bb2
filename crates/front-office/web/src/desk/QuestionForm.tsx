import { useState } from "react";
import { useDraft } from "../app/drafts";
import { useShortcut } from "../app/shortcuts";
import { type Question, QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { announce } from "../live/announcer";
import { Button, TextField } from "../kit";
import { en } from "../messages";
import { Several } from "./Several";
import { checkAnswer, type Given, scaleLabel, scaleOf } from "./answer";

export interface Properties {
  question: Question;
  /** Under which what is typed is kept. */
  draft: string;
  /** The answer given before, when it is to be changed. */
  given?: string;
  isPending: boolean;
  isFocusedFirst: boolean;
  /** Why the last answer was not taken; empty where it was. */
  refusal: string;
  onAnswer: (given: Given) => void;
}

/** The form of a question: buttons where there are few answers, a field else. */
export function QuestionForm(properties: Properties) {
  const { question } = properties;
  if (question.type === QuestionType.YES_NO || question.type === QuestionType.CONSENT) {
    const choices = [
      { value: "true", label: en.yes },
      { value: "false", label: en.no },
    ];
    return <Choices {...properties} choices={choices} />;
  }
  if (question.type === QuestionType.CHOICE) {
    return <Choices {...properties} choices={question.choices} />;
  }
  if (question.type === QuestionType.SCALE) return <Scale {...properties} />;
  if (question.type === QuestionType.MULTIPLE || question.type === QuestionType.RANKING) {
    return <Several {...properties} />;
  }
  return <Typed {...properties} />;
}

/** With a longer answer, or more than three, each answer gets a line. */
const LONG = 30;

type Choosing = Properties & { choices: Array<{ value: string; label: string }> };

function Choices({ choices, ...properties }: Choosing) {
  const { given, isPending, isFocusedFirst, onAnswer } = properties;
  const isList = choices.length > 3 || choices.some(({ label }) => label.length > LONG);
  return (
    <>
      <div
        className={isList ? "answers list" : "answers"}
        role="group"
        aria-label={en.script.choices}
      >
        {choices.map(({ value, label }, index) => (
          <Choice
            key={value}
            label={label || value}
            keys={index < 9 ? String(index + 1) : ""}
            isGiven={value === given}
            isPending={isPending}
            isFocusedFirst={isFocusedFirst && (given ? value === given : index === 0)}
            onPress={() => onAnswer({ value })}
          />
        ))}
        <Aside {...properties} />
      </div>
      <Refusal {...properties} />
    </>
  );
}

/** A button for each number of a row, whose key it is as far as it has one digit. */
function Scale(properties: Properties) {
  const { question, given, isPending, isFocusedFirst, onAnswer } = properties;
  const numbers = scaleOf(question);
  return (
    <>
      <div className="answers scale" role="group" aria-label={en.script.choices}>
        <span aria-hidden="true">{question.lowest}</span>
        {numbers.map((number, index) => (
          <Choice
            key={number}
            label={number}
            name={scaleLabel(question, number)}
            keys={/^\d$/.test(number) ? number : ""}
            isGiven={number === given}
            isPending={isPending}
            isFocusedFirst={isFocusedFirst && (given ? number === given : index === 0)}
            onPress={() => onAnswer({ value: number })}
          />
        ))}
        <span aria-hidden="true">{question.highest}</span>
      </div>
      <div className="row">
        <Aside {...properties} />
      </div>
      <Refusal {...properties} />
    </>
  );
}

/** What may be said in place of a value, and passing a question that need not be answered. */
export function Aside({ question, isPending, onAnswer }: Properties) {
  return (
    <>
      {question.specials.map(({ special, label }) => (
        <Button
          key={special}
          look="quiet"
          onPress={() => onAnswer({ value: "", special })}
          isPending={isPending}
        >
          {capitalized(label)}
        </Button>
      ))}
      {question.isRequired ? null : (
        <Button look="quiet" onPress={() => onAnswer({ value: "" })} isPending={isPending}>
          {en.script.optional}
        </Button>
      )}
    </>
  );
}

export function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function Refusal({ refusal }: Properties) {
  return refusal ? <p className="problem">{refusal}</p> : null;
}

interface OneChoice {
  label: string;
  /** What is told to screen readers in place of the label. */
  name?: string;
  /** The key that chooses it; empty for none. */
  keys: string;
  isGiven: boolean;
  isPending: boolean;
  isFocusedFirst: boolean;
  onPress: () => void;
}

function Choice(choice: OneChoice) {
  const { label, name = "", keys, isGiven, isPending, isFocusedFirst, onPress } = choice;
  useShortcut(keys, name || label, onPress, keys !== "" && !isPending);
  const isSaid = keys === "" || keys === label;
  return (
    <Button
      look={isGiven ? "primary" : "plain"}
      size="large"
      isPending={isPending}
      isFocusedFirst={isFocusedFirst}
      onPress={onPress}
      {...(name ? { label: name } : {})}
      {...(isSaid ? {} : { keys })}
    >
      {label}
    </Button>
  );
}

function Typed(properties: Properties) {
  const { question, draft, given = "", isPending, isFocusedFirst, refusal, onAnswer } = properties;
  const [text, setText] = useDraft(draft, given);
  const [problem, setProblem] = useState("");
  const submit = () => {
    const checked = checkAnswer(question, text);
    if ("problem" in checked) {
      setProblem(checked.problem);
      announce(checked.problem, "urgent");
    } else {
      setProblem("");
      onAnswer(checked);
    }
  };
  const label = answerLabel(question);
  return (
    <form
      className="typed"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        label={label || en.script.answer}
        isLabelHidden={label === ""}
        value={text}
        onChange={setText}
        problem={problem || refusal}
        isRequired={question.isRequired}
        isFocusedFirst={isFocusedFirst}
        onSubmit={submit}
        isSubmittedByEnter
        {...typedKind(question.type)}
      />
      <div className="row">
        <Button look="primary" type="submit" isPending={isPending} keys="Enter">
          {given ? en.script.saveChange : en.script.save}
        </Button>
        <Aside {...properties} />
      </div>
    </form>
  );
}

/** What stands above the field where its form does not say what belongs there. */
export function answerLabel({ type, currency, minimum, maximum }: Question): string {
  switch (type) {
    case QuestionType.MONEY:
      return en.script.amount(currency);
    case QuestionType.DIGITS:
      return en.script.digits(minimum, maximum);
    case QuestionType.PHONE:
    case QuestionType.EMAIL:
    case QuestionType.IBAN:
      return en.script.typed[type] ?? "";
    default:
      return "";
  }
}

interface Kind {
  rows?: number;
  type?: "text" | "date" | "time" | "datetime-local";
  inputMode?: "text" | "numeric" | "decimal" | "tel" | "email";
}

export function typedKind(type: QuestionType): Kind {
  switch (type) {
    case QuestionType.DATE:
      return { type: "date" };
    case QuestionType.TIME:
      return { type: "time" };
    case QuestionType.INSTANT:
      return { type: "datetime-local" };
    case QuestionType.INTEGER:
    case QuestionType.DIGITS:
      return { inputMode: "numeric" };
    case QuestionType.DECIMAL:
    case QuestionType.MONEY:
      return { inputMode: "decimal" };
    case QuestionType.PHONE:
      return { inputMode: "tel" };
    case QuestionType.EMAIL:
      return { inputMode: "email" };
    case QuestionType.IBAN:
      return { inputMode: "text" };
    default:
      return { rows: 2 };
  }
}
