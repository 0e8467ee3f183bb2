import { useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { forgetDrafts, useDraft } from "../app/drafts";
import { useShortcut } from "../app/shortcuts";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { announce } from "../live/announcer";
import { Button, ChoiceGroup, TextField } from "../kit";
import { en } from "../messages";

interface Properties {
  contact: CurrentContact;
  /** The call has ended, so that the contact may be closed. */
  isOver: boolean;
}

/** Disposition and note; both may be prepared while the call still goes on. */
export function WrapUp({ contact, isOver }: Properties) {
  const { contactId, dispositions } = contact;
  const [disposition, setDisposition] = useDraft(`${contactId}.disposition`);
  const [note, setNote] = useDraft(`${contactId}.note`);
  const [problem, setProblem] = useState("");
  const command = useCommand();

  const close = async () => {
    if (disposition === "" && dispositions.length > 0) {
      setProblem(en.wrap.choose);
      announce(en.wrap.choose, "urgent");
      focusDisposition();
      return;
    }
    setProblem("");
    const request = { contactId, disposition, note };
    const isDone = await command.run(() => client.dispose(request, { timeoutMs: 4_000 }));
    if (isDone) forgetDrafts(contactId);
  };
  useShortcut("Alt+W", en.wrap.focus, focusDisposition);
  useShortcut("Alt+C", en.wrap.submit, () => void close(), isOver);

  const options = dispositions.map(({ id, title }) => ({ id, title }));
  return (
    <div className="card wrap-up" id="wrap-up">
      <div className="headline">
        <h2>{en.wrap.title}</h2>
        <kbd className="keys">Alt+W</kbd>
      </div>
      {options.length > 0 ? (
        <ChoiceGroup
          label={en.wrap.disposition}
          options={options}
          value={disposition}
          onChange={(id) => {
            setDisposition(id);
            setProblem("");
          }}
        />
      ) : null}
      <TextField
        label={en.wrap.note}
        value={note}
        onChange={setNote}
        rows={3}
        placeholder={en.wrap.notePlaceholder}
        onSubmit={() => isOver && void close()}
      />
      {contact.maySkipWrapUp ? <p className="hint">{en.wrap.maySkip}</p> : null}
      {problem || command.problem ? <p className="problem">{problem || command.problem}</p> : null}
      {isOver ? (
        <Button
          look="primary"
          keys="Alt+C"
          onPress={() => void close()}
          isPending={command.isPending}
        >
          {en.wrap.submit}
        </Button>
      ) : (
        <p className="hint">{en.wrap.during}</p>
      )}
    </div>
  );
}

function focusDisposition(): void {
  document.querySelector<HTMLElement>("#wrap-up input, #wrap-up textarea")?.focus();
}
