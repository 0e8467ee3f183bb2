import { useCallback, useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { forgetDrafts, useDraft } from "../app/drafts";
import { useLoad } from "../app/load";
import { Button, ChoiceGroup, TextField } from "../kit";
import { type Destinations, optionsOf } from "./destinations";

interface Properties {
  words: Record<"find" | "to" | "nobody" | "choose" | "note" | "submit", string>;
  /** Where the note is kept until it is sent. */
  draft: string;
  /** Of all destinations, those that can be chosen; all without it. */
  among?: (all: Destinations) => Destinations;
  onChoose: (chosen: string, note: string) => Promise<unknown>;
}

/** To whom, with a note. Fetched anew each time: who is ready changes. */
export function DestinationChoice({ words, draft, among, onChoose }: Properties) {
  const fetchThem = useCallback(
    (signal: AbortSignal) => client.listDestinations({}, { signal, timeoutMs: 3_000 }),
    [],
  );
  const { answer, problem: missing } = useLoad(fetchThem);
  const command = useCommand();
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState("");
  const [isRefused, setRefused] = useState(false);
  const [note, setNote] = useDraft(draft);
  const options = answer ? optionsOf(among ? among(answer) : answer, wanted) : [];
  const isChosen = options.some(({ id }) => id === chosen);

  const choose = async () => {
    setRefused(!isChosen);
    if (!isChosen) return;
    const isDone = await command.run(() => onChoose(chosen, note));
    if (isDone) forgetDrafts(draft);
  };
  return (
    <>
      <TextField
        label={words.find}
        value={wanted}
        onChange={setWanted}
        isFocusedFirst
        onSubmit={() => void choose()}
      />
      {answer && options.length === 0 ? <p className="hint">{words.nobody}</p> : null}
      {options.length > 0 ? (
        <ChoiceGroup
          label={words.to}
          options={options}
          value={isChosen ? chosen : ""}
          onChange={setChosen}
          problem={isRefused && !isChosen ? words.choose : ""}
        />
      ) : null}
      <TextField
        label={words.note}
        value={note}
        onChange={setNote}
        rows={3}
        onSubmit={() => void choose()}
      />
      {missing || command.problem ? (
        <p className="problem" role="alert">
          {command.problem || missing}
        </p>
      ) : null}
      <Button look="primary" onPress={() => void choose()} isPending={command.isPending}>
        {words.submit}
      </Button>
    </>
  );
}
