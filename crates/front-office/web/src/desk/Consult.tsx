import { useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { useShortcut } from "../app/shortcuts";
import type { Consultation } from "../gen/caruso/contact/v1/consultation_pb";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { Button, Dialog } from "../kit";
import { en } from "../messages";
import { DestinationChoice } from "./DestinationChoice";
import { type Destinations, destinationOf } from "./destinations";

interface Properties {
  contact: CurrentContact;
  /** The session of the script at this desk; empty where none runs. */
  scriptSession: string;
}

/** Asks a colleague who is ready, or somebody outside, about the customer. */
export function Consult({ contact, scriptSession }: Properties) {
  const { contactId } = contact;
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  useShortcut("Alt+Q", en.consult.open, open);
  const ask = async (chosen: string, note: string) => {
    const asked = askedOf(destinationOf(chosen));
    await client.consult({ contactId, asked, note, scriptSession }, { timeoutMs: 3_000 });
    setOpen(false);
  };
  return (
    <>
      <Button keys="Alt+Q" onPress={open}>
        {en.consult.open}
      </Button>
      <Dialog
        title={en.consult.title}
        closeLabel={en.cancel}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        hasOwnFocus
      >
        {isOpen ? (
          <DestinationChoice
            words={en.consult}
            draft={`${contactId}.consult`}
            among={whom}
            onChoose={ask}
          />
        ) : null}
      </Dialog>
    </>
  );
}

/** Nobody asks a queue. */
function whom({ agents, outside }: Destinations): Destinations {
  return { queues: [], agents, outside };
}

/** Who is asked, as the request has it. */
function askedOf({ case: kind, value }: ReturnType<typeof destinationOf>) {
  return kind === "outside"
    ? { case: kind, value }
    : { case: "colleague" as const, value };
}

interface ConsultingProperties {
  contactId: string;
  consultation: Consultation;
}

/** A colleague is asked: the customer can be given to them, or they can be let go. */
export function Consulting({ contactId, consultation }: ConsultingProperties) {
  const command = useCommand();
  const { colleague, answeredAt, isConference } = consultation;
  const canConfer = answeredAt !== undefined && !isConference;
  type Wish = typeof client.completeConsultation | typeof client.endConsultation;
  const run = (request: Wish | typeof client.confer) =>
    void command.run(() => request({ contactId }, { timeoutMs: 3_000 }));
  const complete = () => run(client.completeConsultation);
  const end = () => run(client.endConsultation);
  const confer = () => run(client.confer);
  const [give, letGo] = [en.consult.complete(colleague), en.consult.end(colleague)];
  useShortcut("Alt+T", give, complete);
  useShortcut("Alt+B", letGo, end);
  useShortcut("Alt+J", en.consult.confer, confer, canConfer);
  const here = isConference ? en.consult.three(colleague) : en.consult.here(colleague);
  return (
    <>
      <p className="hint">
        {answeredAt ? here : en.consult.rings(colleague)}
      </p>
      {canConfer ? (
        <Button keys="Alt+J" onPress={confer} isPending={command.isPending}>
          {en.consult.confer}
        </Button>
      ) : null}
      <Button keys="Alt+T" onPress={complete} isPending={command.isPending}>
        {give}
      </Button>
      <Button keys="Alt+B" onPress={end} isPending={command.isPending}>
        {letGo}
      </Button>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}
