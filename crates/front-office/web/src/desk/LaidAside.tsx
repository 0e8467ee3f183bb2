import { desk as client } from "../app/api";
import { cameBy, isCall } from "../app/channel";
import { useCommand } from "../app/command";
import { secondOf } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import type { AgentStatus } from "../gen/caruso/contact/v1/contact_pb";
import { Button } from "../kit";
import { en } from "../messages";
import { situationOf } from "./situation";
import { Elapsed } from "./Timer";

/** What the agent has beside the contact in hand; they can go on with it where that is no call. */
export function LaidAside({ status }: { status: AgentStatus }) {
  const command = useCommand();
  const { contact, laidAside } = status;
  const isFree = situationOf(status) === "talking" && contact !== undefined;
  const mayTakeUp = isFree && !isCall(contact.channel);
  const takeUp = (contactId: string) =>
    void command.run(() => client.takeUp({ contactId }, { timeoutMs: 3_000 }));
  const last = laidAside.at(-1);
  useShortcut("Alt+U", en.aside.takeUp, () => last && takeUp(last.contactId), mayTakeUp && !!last);
  if (laidAside.length === 0) return null;
  return (
    <div className="card aside">
      <div className="headline">
        <h2>{en.aside.title}</h2>
        {mayTakeUp ? <kbd className="keys">Alt+U</kbd> : null}
      </div>
      <ul className="plain">
        {laidAside.map(({ contactId, callingNumber, queueTitle, channel, connectedAt }) => {
          const who = callingNumber || cameBy(channel);
          return (
            <li key={contactId} className="row">
              <span className="names">
                <strong>{who}</strong>
                <small>{queueTitle}</small>
              </span>
              <span className="space" />
              <Elapsed since={secondOf(connectedAt)} />
              {mayTakeUp ? (
                <Button
                  look="quiet"
                  size="small"
                  label={en.aside.takeUpOf(who)}
                  onPress={() => takeUp(contactId)}
                  isPending={command.isPending}
                >
                  {en.aside.goOn}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
      {mayTakeUp ? null : <p className="hint">{en.aside.later}</p>}
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </div>
  );
}
