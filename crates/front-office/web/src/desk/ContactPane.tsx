import { useEffect } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { clockText, secondOf } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { phoneLine } from "../demo/line";
import { Button, Mark } from "../kit";
import { announce } from "../live/announcer";
import { useSecond } from "../live/clock";
import { useStore } from "../live/store";
import { en } from "../messages";
import { deadlineWarning, type Situation, situationOf, toneOf, whoCalls } from "./situation";
import { Elapsed, Remaining } from "./Timer";

interface Properties {
  desk: WatchDeskResponse;
  contact: CurrentContact;
}

const HEADLINES: Record<Exclude<Situation, "idle">, string> = {
  offered: en.desk.offered,
  talking: en.desk.connected,
  "wrap-up": en.desk.wrapUp,
};

/** The contact in hand: who, since when, why to me, and what can be done with it. */
export function ContactPane({ desk, contact }: Properties) {
  const situation = situationOf(desk.status);
  const headline = situation === "idle" ? "" : HEADLINES[situation];
  return (
    <div className={`card current ${situation}`}>
      <div className="headline">
        <Mark tone={toneOf(desk.status?.state)} />
        <h2>{headline}</h2>
        <ContactClock desk={desk} contact={contact} />
      </div>
      <p className="who">{whoCalls(desk)}</p>
      <p className="queue">{contact.queueTitle || contact.queue}</p>
      <ContactActions desk={desk} contact={contact} />
      <ContactFacts contact={contact} />
    </div>
  );
}

function ContactClock({ desk, contact }: Properties) {
  const situation = situationOf(desk.status);
  if (situation === "talking") return <Elapsed since={secondOf(contact.connectedAt)} />;
  return <Elapsed since={secondOf(desk.status?.since)} />;
}

function ContactActions({ desk, contact }: Properties) {
  const command = useCommand();
  const situation = situationOf(desk.status);
  const deadline = secondOf(desk.status?.deadline);
  const isRingingHere = useStore(phoneLine.state).phase === "ringing";
  const answer = () => phoneLine.send({ type: "answer" });
  const contactId = contact.contactId;
  const decline = () => void command.run(() => client.decline({ contactId }, { timeoutMs: 3_000 }));
  const hangUp = () => void command.run(() => client.hangUp({ contactId }, { timeoutMs: 3_000 }));
  useShortcut("Alt+X", en.desk.decline, decline, situation === "offered");
  useShortcut("Alt+H", en.desk.hangUp, hangUp, situation === "talking");
  return (
    <>
      {situation === "offered" ? (
        <>
          <div className="row">
            {isRingingHere ? (
              <Button look="primary" keys="Alt+A" onPress={answer}>
                {en.desk.answer}
              </Button>
            ) : (
              <p className="hint">{en.desk.answerByPhone}</p>
            )}
          </div>
          <div className="row">
            <Button look="danger" keys="Alt+X" onPress={decline} isPending={command.isPending}>
              {en.desk.decline}
            </Button>
            <Deadline label={en.desk.offerEnds} until={deadline} />
          </div>
        </>
      ) : null}
      {situation === "talking" ? (
        <div className="row">
          <Button look="danger" keys="Alt+H" onPress={hangUp} isPending={command.isPending}>
            {en.desk.hangUp}
          </Button>
        </div>
      ) : null}
      {situation === "wrap-up" ? <WrapUpClock until={deadline} /> : null}
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}

function Deadline({ label, until }: { label: string; until: number | undefined }) {
  if (until === undefined) return null;
  return (
    <span className="deadline">
      {label} <Remaining until={until} />
    </span>
  );
}

function WrapUpClock({ until }: { until: number | undefined }) {
  const left = until === undefined ? undefined : until - useSecond();
  const warning = left === undefined ? "" : deadlineWarning(left);
  useEffect(() => {
    if (warning) announce(warning);
  }, [warning]);
  return (
    <p className="row">
      <span className="hint">{en.desk.ended}</span>
      <Deadline label={en.desk.wrapUpEnds} until={until} />
    </p>
  );
}

function ContactFacts({ contact }: { contact: CurrentContact }) {
  const waitedFrom = secondOf(contact.queuedAt ?? contact.arrivedAt);
  const attributes = Object.entries(contact.attributes);
  return (
    <>
      {contact.why.length > 0 ? (
        <div className="why">
          <h3>{en.desk.why}</h3>
          <ul>
            {contact.why.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <dl className="facts">
        <dt>{en.desk.calling}</dt>
        <dd className="number">{contact.callingNumber || en.desk.hidden}</dd>
        <dt>{en.desk.called}</dt>
        <dd className="number">{contact.calledNumber}</dd>
        <dt>{en.desk.waited}</dt>
        <dd>
          {contact.connectedAt ? (
            clockText((secondOf(contact.connectedAt) ?? 0) - (waitedFrom ?? 0))
          ) : (
            <Elapsed since={waitedFrom} />
          )}
        </dd>
        {attributes.map(([name, value]) => (
          <Attribute key={name} name={name} value={value} />
        ))}
      </dl>
    </>
  );
}

function Attribute({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
