import { useState } from "react";
import { desk as client } from "../app/api";
import { useShortcut } from "../app/shortcuts";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { Button, Dialog } from "../kit";
import { en } from "../messages";
import { DestinationChoice } from "./DestinationChoice";
import { destinationOf } from "./destinations";

/** Passes the contact on, to a queue, to a colleague who is ready or to an outside number. */
export function Transfer({ contact }: { contact: CurrentContact }) {
  const { contactId } = contact;
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  useShortcut("Alt+T", en.transfer.open, open);
  const pass = (chosen: string, note: string) =>
    client.transfer({ contactId, to: destinationOf(chosen), note }, { timeoutMs: 3_000 });
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
        {isOpen ? (
          <DestinationChoice words={en.transfer} draft={`${contactId}.transfer`} onChoose={pass} />
        ) : null}
      </Dialog>
    </>
  );
}
