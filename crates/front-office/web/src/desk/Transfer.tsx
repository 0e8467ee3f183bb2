import { useCallback, useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { forgetDrafts, useDraft } from "../app/drafts";
import { useLoad } from "../app/load";
import { useShortcut } from "../app/shortcuts";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { Button, ChoiceGroup, Dialog, TextField } from "../kit";
import { en } from "../messages";
import { destinationOf, optionsOf } from "./destinations";

/** Passes the contact on, to a queue or to a colleague who is ready. */
export function Transfer({ contact }: { contact: CurrentContact }) {
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  useShortcut("Alt+T", en.transfer.open, open);
  return (
    <>
      <Button keys="Alt+T" onPress={open}>
        {en.transfer.open}
      </Button>
      <Dialog
        title={en.transfer.title}
        closeLabel={en.cancel}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        hasOwnFocus
      >
        {isOpen ? <Choice contactId={contact.contactId} /> : null}
      </Dialog>
    </>
  );
}

/** Fetched anew each time: who is ready changes. */
function Choice({ contactId }: { contactId: string }) {
  const fetchThem = useCallback(
    (signal: AbortSignal) => client.listDestinations({}, { signal, timeoutMs: 3_000 }),
    [],
  );
  const { answer, problem: missing } = useLoad(fetchThem);
  const command = useCommand();
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState("");
  const [isRefused, setRefused] = useState(false);
  const [note, setNote] = useDraft(`${contactId}.transfer`);
  const options = answer ? optionsOf(answer, wanted) : [];
  const isChosen = options.some(({ id }) => id === chosen);

  const pass = async () => {
    setRefused(!isChosen);
    if (!isChosen) return;
    const request = { contactId, to: destinationOf(chosen), note };
    const isDone = await command.run(() => client.transfer(request, { timeoutMs: 3_000 }));
    if (isDone) forgetDrafts(`${contactId}.transfer`);
  };
  return (
    <>
      <TextField
        label={en.transfer.find}
        value={wanted}
        onChange={setWanted}
        isFocusedFirst
        onSubmit={() => void pass()}
      />
      {answer && options.length === 0 ? <p className="hint">{en.transfer.nobody}</p> : null}
      {options.length > 0 ? (
        <ChoiceGroup
          label={en.transfer.to}
          options={options}
          value={isChosen ? chosen : ""}
          onChange={setChosen}
          problem={isRefused && !isChosen ? en.transfer.choose : ""}
        />
      ) : null}
      <TextField
        label={en.transfer.note}
        value={note}
        onChange={setNote}
        rows={3}
        onSubmit={() => void pass()}
      />
      {missing || command.problem ? (
        <p className="problem" role="alert">
          {command.problem || missing}
        </p>
      ) : null}
      <Button look="primary" onPress={() => void pass()} isPending={command.isPending}>
        {en.transfer.submit}
      </Button>
    </>
  );
}
