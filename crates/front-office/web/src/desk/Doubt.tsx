import { useState } from "react";
import { Button, Notice, TextField } from "../kit";
import { en } from "../messages";

interface Properties {
  /** What speaks against the answer. */
  text: string;
  isPending: boolean;
  onKeep: (reason: string) => void;
  onDrop: () => void;
}

/** An answer that a check doubts: it is corrected above, or kept for a reason. */
export function Doubt({ text, isPending, onKeep, onDrop }: Properties) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const keep = () => {
    const given = reason.trim();
    setProblem(given === "" ? en.script.reasonNeeded : "");
    if (given !== "") onKeep(given);
  };
  return (
    <form
      className="typed doubt"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <Notice tone="work" title={text}>
        {en.script.doubt}
      </Notice>
      <TextField
        label={en.script.reason}
        value={reason}
        onChange={setReason}
        problem={problem}
        isRequired
        isFocusedFirst
        onSubmit={keep}
      />
      <div className="row">
        <Button type="submit" isPending={isPending} keys="Enter">
          {en.script.keep}
        </Button>
        <Button look="quiet" onPress={onDrop}>
          {en.cancel}
        </Button>
      </div>
    </form>
  );
}
