import { useState } from "react";
import { useDraft } from "../app/drafts";
import { useShortcut } from "../app/shortcuts";
import { QuestionType } from "../gen/caruso/script/v1/script_engine_pb";
import { Button } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";
import { checkPicked, toggled } from "./answer";
import { Aside, type Properties } from "./QuestionForm";

/** Some of the choices: each is picked and dropped by its button; of a ranking, in their order. */
export function Several(properties: Properties) {
  const { question, draft, given = "", isPending, isFocusedFirst, refusal, onAnswer } = properties;
  const [text, setText] = useDraft(draft, given);
  const [problem, setProblem] = useState("");
  const picked = text.split(" ").filter((value) => value !== "");
  const isRanked = question.type === QuestionType.RANKING;
  const submit = () => {
    const checked = checkPicked(question, picked);
    setProblem("problem" in checked ? checked.problem : "");
    if ("problem" in checked) announce(checked.problem, "urgent");
    else onAnswer(checked);
  };
  useShortcut("Alt+S", en.script.save, submit, !isPending);
  return (
    <>
      <div className="answers list" role="group" aria-label={en.script.choices}>
        {question.choices.map(({ value, label }, index) => (
          <Pick
            key={value}
            label={label || value}
            rank={isRanked ? picked.indexOf(value) + 1 : 0}
            isPicked={picked.includes(value)}
            keys={index < 9 ? String(index + 1) : ""}
            isFocusedFirst={isFocusedFirst && index === 0}
            onPress={() => {
              setProblem("");
              setText(toggled(picked, value).join(" "));
            }}
          />
        ))}
      </div>
      {problem || refusal ? <p className="problem">{problem || refusal}</p> : null}
      <div className="row">
        <Button look="primary" isPending={isPending} keys="Alt+S" onPress={submit}>
          {given ? en.script.saveChange : en.script.save}
        </Button>
        <Aside {...properties} />
      </div>
    </>
  );
}

interface OnePick {
  label: string;
  /** Its place in a ranking, from 1; 0 for none. */
  rank: number;
  isPicked: boolean;
  /** The key that picks and drops it; empty for none. */
  keys: string;
  isFocusedFirst: boolean;
  onPress: () => void;
}

/** A choice that is picked and dropped. */
export function Pick({ label, rank, isPicked, keys, isFocusedFirst, onPress }: OnePick) {
  useShortcut(keys, label, onPress, keys !== "");
  return (
    <Button
      look={isPicked ? "primary" : "plain"}
      size="large"
      isPressed={isPicked}
      isFocusedFirst={isFocusedFirst}
      onPress={onPress}
      {...(keys ? { keys } : {})}
    >
      {rank > 0 ? `${rank}. ${label}` : label}
    </Button>
  );
}
