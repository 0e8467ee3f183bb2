import { useState } from "react";
import { useDraft } from "../app/drafts";
import { useShortcut } from "../app/shortcuts";
import { type Question, QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { announce } from "../live/announcer";
import { Button, TextField } from "../kit";
import { en } from "../messages";
import { checkAnswer } from "./answer";

interface Properties {
  question: Question;
  /** Under which what is typed is kept. */
  draft: string;
  /** The answer given before, when it is to be changed. */
  given?: string;
  isPending: boolean;
  isFocusedFirst: boolean;
  onAnswer: (value: string) => void;
}

/** The form of a question: buttons where there are few answers, a field else. */
export function QuestionForm(properties: Properties) {
  const { question } = properties;
  if (question.type === QuestionType.YES_NO) {
    const choices = [
      { value: "true", label: en.yes },
      { value: "false", label: en.no },
    ];
    return <Choices {...properties} choices={choices} />;
  }
  if (question.type === QuestionType.CHOICE) {
    return <Choices {...properties} choices={question.choices} />;
  }
  return <Typed {...properties} />;
}

/** With a longer answer, or more than three, each answer gets a line. */
const LONG = 30;

type Choosing = Properties & { choices: Array<{ value: string; label: string }> };

function Choices({ choices, question, given, isPending, isFocusedFirst, onAnswer }: Choosing) {
  const isList = choices.length > 3 || choices.some(({ label }) => label.length > LONG);
  return (
    <div
      className={isList ? "answers list" : "answers"}
      role="group"
      aria-label={en.script.choices}
    >
      {choices.map(({ value, label }, index) => (
        <Choice
          key={value}
          label={label || value}
          number={index + 1}
          isGiven={value === given}
          isPending={isPending}
          isFocusedFirst={isFocusedFirst && (given ? value === given : index === 0)}
          onPress={() => onAnswer(value)}
        />
      ))}
      {question.isRequired ? null : (
        <Button look="quiet" onPress={() => onAnswer("")} isPending={isPending}>
          {en.script.optional}
        </Button>
      )}
    </div>
  );
}

interface OneChoice {
  label: string;
  number: number;
  isGiven: boolean;
  isPending: boolean;
  isFocusedFirst: boolean;
  onPress: () => void;
}

function Choice({ label, number, isGiven, isPending, isFocusedFirst, onPress }: OneChoice) {
  const hasKey = number <= 9;
  const keys = hasKey ? String(number) : "";
  useShortcut(keys, label, onPress, hasKey && !isPending);
  return (
    <Button
      look={isGiven ? "primary" : "plain"}
      size="large"
      isPending={isPending}
      isFocusedFirst={isFocusedFirst}
      onPress={onPress}
      {...(hasKey ? { keys } : {})}
    >
      {label}
    </Button>
  );
}

function Typed({ question, draft, given = "", isPending, isFocusedFirst, onAnswer }: Properties) {
  const [text, setText] = useDraft(draft, given);
  const [problem, setProblem] = useState("");
  const submit = () => {
    const checked = checkAnswer(question, text);
    if ("problem" in checked) {
      setProblem(checked.problem);
      announce(checked.problem, "urgent");
    } else {
      setProblem("");
      onAnswer(checked.value);
    }
  };
  const kind = typedKind(question.type);
  return (
    <form
      className="typed"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        label={en.script.answer}
        isLabelHidden
        value={text}
        onChange={setText}
        problem={problem}
        isRequired={question.isRequired}
        isFocusedFirst={isFocusedFirst}
        onSubmit={submit}
        isSubmittedByEnter
        {...kind}
      />
      <div className="row">
        <Button
          look="primary"
          type="submit"
          isPending={isPending}
          keys="Enter"
        >
          {given ? en.script.saveChange : en.script.save}
        </Button>
        {question.isRequired ? null : (
          <Button look="quiet" onPress={() => onAnswer("")} isPending={isPending}>
            {en.script.optional}
          </Button>
        )}
      </div>
    </form>
  );
}

interface Kind {
  rows?: number;
  type?: "text" | "date";
  inputMode?: "text" | "numeric" | "decimal";
}

function typedKind(type: QuestionType): Kind {
  switch (type) {
    case QuestionType.DATE:
      return { type: "date" };
    case QuestionType.INTEGER:
      return { inputMode: "numeric" };
    case QuestionType.DECIMAL:
      return { inputMode: "decimal" };
    default:
      return { rows: 2 };
  }
}
