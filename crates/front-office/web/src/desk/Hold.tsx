import { useEffect } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { secondOf } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import type { Hold as Held } from "../gen/caruso/contact/v1/calling_pb";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { Button } from "../kit";
import { announce } from "../live/announcer";
import { useSecond } from "../live/clock";
import { en } from "../messages";

/**
 * Puts the customer on hold and takes them back; one key for both. With a colleague on the line it
 * goes from one to the other.
 */
export function Hold({ contact }: { contact: CurrentContact }) {
  const command = useCommand();
  const { contactId, hold, consultation } = contact;
  const hasToRetrieveByPhone = hold?.isByTelephone === true;
  const request = hold ? client.retrieve : client.hold;
  const change = () => void command.run(() => request({ contactId }, { timeoutMs: 3_000 }));
  const hasColleague = consultation?.answeredAt !== undefined;
  const part = hasColleague ? en.consult.talk(consultation.colleague) : en.desk.hold;
  const back = consultation ? en.consult.toCustomer : en.desk.retrieve;
  const label = hold ? back : part;
  useShortcut("Alt+O", label, change, !hasToRetrieveByPhone);
  return (
    <>
      {hasToRetrieveByPhone ? (
        <p className="hint">{en.desk.retrieveByPhone}</p>
      ) : (
        <Button
          look={hold ? "primary" : "plain"}
          keys="Alt+O"
          onPress={change}
          isPending={command.isPending}
        >
          {label}
        </Button>
      )}
      {hold ? <Reminder hold={hold} /> : null}
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}

/** Says, and shows from then on, that somebody is waiting. */
function Reminder({ hold }: { hold: Held }) {
  const remindAt = secondOf(hold.reminderAt);
  const now = useSecond();
  const isDue = remindAt !== undefined && now >= remindAt;
  useEffect(() => {
    if (isDue) announce(en.desk.stillOnHold, "urgent");
  }, [isDue]);
  return isDue ? <p className="problem">{en.desk.stillOnHold}</p> : null;
}
