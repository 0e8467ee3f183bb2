import { useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { useShortcut } from "../app/shortcuts";
import { AgentState } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { Button, ChoiceGroup, Dialog, TextField } from "../kit";
import { en } from "../messages";

interface Properties {
  desk: WatchDeskResponse;
  /** Whom; without it the agent writes the number. */
  number?: string;
}

/** Calls a customer, between two contacts; nothing where agents call nobody. */
export function Dial({ desk, number = "" }: Properties) {
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  const { status, purposes } = desk;
  const isFree = status?.state === AgentState.READY || status?.state === AgentState.NOT_READY;
  const canCall = isFree && status.isPhoneRegistered && purposes.length > 0;
  useShortcut("Alt+D", en.dial.open, open, canCall && number === "");
  if (!canCall) return null;
  return (
    <>
      {number === "" ? (
        <Button keys="Alt+D" onPress={open}>
          {en.dial.open}
        </Button>
      ) : (
        <Button look="quiet" size="small" label={en.dial.callNumber(number)} onPress={open}>
          {en.dial.submit}
        </Button>
      )}
      <Dialog
        title={en.dial.title}
        closeLabel={en.cancel}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        hasOwnFocus
      >
        {isOpen ? <DialForm desk={desk} number={number} /> : null}
      </Dialog>
    </>
  );
}

/** The number and what it is about. When the call begins, the desk shows it instead of this. */
function DialForm({ desk: { purposes }, number: known }: Required<Properties>) {
  const command = useCommand();
  const [number, setNumber] = useState(known);
  const [purpose, setPurpose] = useState(purposes.length === 1 ? (purposes[0]?.id ?? "") : "");
  const [isRefused, setRefused] = useState(false);
  const call = () => {
    setRefused(true);
    if (number.trim() === "" || purpose === "") return;
    void command.run(() => client.dial({ number, purpose }, { timeoutMs: 3_000 }));
  };
  return (
    <>
      <TextField
        label={en.dial.number}
        value={number}
        onChange={setNumber}
        inputMode="tel"
        autoComplete="off"
        isFocusedFirst
        problem={isRefused && number.trim() === "" ? en.dial.numberMissing : ""}
        onSubmit={call}
      />
      <ChoiceGroup
        label={en.dial.purpose}
        options={purposes.map(({ id, title }) => ({ id, title }))}
        value={purpose}
        onChange={setPurpose}
        problem={isRefused && purpose === "" ? en.dial.purposeMissing : ""}
      />
      <p className="hint">{en.dial.phoneFirst}</p>
      {command.problem ? (
        <p className="problem" role="alert">
          {command.problem}
        </p>
      ) : null}
      <Button look="primary" onPress={call} isPending={command.isPending}>
        {en.dial.submit}
      </Button>
    </>
  );
}
