import { type ReactNode, useEffect } from "react";
import { desk as client } from "../app/api";
import { cameBy, isCall } from "../app/channel";
import { useCommand } from "../app/command";
import { clockText, secondOf } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import { Channel, type CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { phoneLine } from "../demo/line";
import { Button, Mark } from "../kit";
import { announce } from "../live/announcer";
import { useSecond } from "../live/clock";
import { useStore } from "../live/store";
import { en } from "../messages";
import { phone } from "../phone/phone";
import { phoneState } from "../phone/state";
import { Consult, Consulting } from "./Consult";
import { Hold } from "./Hold";
import { Listener } from "./Listener";
import { CallBackMessage, Message } from "./Message";
import {
  deadlineWarning,
  handedOver,
  isToCallBack,
  outcomeOf,
  partedText,
  type Situation,
  situationOf,
  toneOf,
  whoCalls,
} from "./situation";
import { Elapsed, Remaining } from "./Timer";
import { Transfer } from "./Transfer";

interface Properties {
  desk: WatchDeskResponse;
  contact: CurrentContact;
}

const HEADLINES: Record<Exclude<Situation, "idle">, string> = {
  offered: en.desk.offered,
  dialling: en.dial.headline,
  talking: en.desk.connected,
  "wrap-up": en.desk.wrapUp,
};

/** The contact in hand: who, since when, why to me, and what can be done with it. */
export function ContactPane({ desk, contact }: Properties) {
  const situation = situationOf(desk.status);
  const named = situation === "idle" ? "" : HEADLINES[situation];
  const isHeard = situation === "talking" && contact.channel === Channel.VOICEMAIL;
  const talking = isHeard ? en.voicemail.headline : named;
  const held = contact.hold ? en.desk.onHold : talking;
  const own = isToCallBack(desk) ? en.callback.headline : held;
  const headline = contact.isConsulted ? en.consult.headlines[situation] : own;
  const [who, how] = [whoCalls(desk), cameBy(contact.channel)];
  const queue = contact.queueTitle || contact.queue;
  return (
    <div className={`card current ${situation}`}>
      <div className="headline">
        <Mark tone={toneOf(desk.status?.state)} />
        <h2>{headline}</h2>
        <ContactClock desk={desk} contact={contact} />
      </div>
      <p className="who">{who}</p>
      <p className="queue">{how && how !== who ? `${queue} · ${how}` : queue}</p>
      <Listener contact={contact} />
      <Transferred contact={contact} />
      <Question contact={contact} />
      {isToCallBack(desk) ? <CallBack attempts={contact.callback?.attempts ?? 0} /> : null}
      {isCall(contact.channel) ? (
        <CallActions desk={desk} contact={contact} />
      ) : (
        <ConversationActions desk={desk} contact={contact} />
      )}
      <ContactDetails desk={desk} contact={contact} />
      <Answers contact={contact} />
    </div>
  );
}

/** That the customer is called, and not calling; how often that was tried before. */
function CallBack({ attempts }: { attempts: number }) {
  return (
    <>
      <p className="hint">{en.callback.answer}</p>
      {attempts > 0 ? <p className="hint">{en.callback.attempts(attempts)}</p> : null}
    </>
  );
}

function ContactClock({ desk, contact }: Properties) {
  const situation = situationOf(desk.status);
  const consulted = contact.isConsulted ? contact.consultation?.answeredAt : undefined;
  if (consulted) return <Elapsed since={secondOf(consulted)} />;
  if (contact.hold) return <Elapsed since={secondOf(contact.hold.since)} />;
  if (situation === "talking") return <Elapsed since={secondOf(contact.connectedAt)} />;
  return <Elapsed since={secondOf(desk.status?.since)} />;
}

/** A call: the agent's telephone rings, here or on the table. */
function CallActions(properties: Properties) {
  const isRingingInDemo = useStore(phoneLine.state).phase === "ringing";
  const isRingingHere = useStore(phoneState).phase === "ringing" || isRingingInDemo;
  const answer = () => {
    if (isRingingInDemo) phoneLine.send({ type: "answer" });
    else phone.answer();
  };
  const isOffered = situationOf(properties.desk.status) === "offered";
  const isDialling = situationOf(properties.desk.status) === "dialling";
  useShortcut("Alt+A", en.desk.answer, answer, (isOffered || isDialling) && isRingingHere);
  const take = isRingingHere ? (
    <Button look="primary" keys="Alt+A" onPress={answer}>
      {en.desk.answer}
    </Button>
  ) : (
    <p className="hint">{en.desk.answerByPhone}</p>
  );
  const { contact, desk } = properties;
  const announced = contact.isAnnounced ? <Announced contactId={contact.contactId} /> : take;
  const { contactId, consultation, isConsulted } = contact;
  const during = isConsulted ? null : (
    <>
      <Hold contact={contact} />
      {consultation ? (
        <Consulting contactId={contactId} consultation={consultation} />
      ) : (
        <Consult contact={contact} scriptSession={desk.script?.sessionId ?? ""} />
      )}
    </>
  );
  if (isDialling) return <Dialling {...properties} take={isRingingHere ? take : null} />;
  const ended = outcomeOf(desk) || en.desk.ended;
  const words = { end: isConsulted ? en.consult.leave : en.desk.hangUp, ended };
  return <Actions {...properties} take={announced} during={during} {...words} />;
}

/** On an open line, which is answered at the desk or by a key of the telephone. */
function Announced({ contactId }: { contactId: string }) {
  const command = useCommand();
  const accept = () => void command.run(() => client.accept({ contactId }, { timeoutMs: 3_000 }));
  useShortcut("Alt+A", en.desk.accept, accept);
  return (
    <>
      <Button look="primary" keys="Alt+A" onPress={accept} isPending={command.isPending}>
        {en.desk.accept}
      </Button>
      <span className="hint">{en.desk.announced}</span>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}

/** The agent's own telephone rings, then the customer's. */
function Dialling({ desk, contact, take }: Properties & { take: ReactNode }) {
  const command = useCommand();
  const { contactId, outbound } = contact;
  const hangUp = () => void command.run(() => client.hangUp({ contactId }, { timeoutMs: 3_000 }));
  useShortcut("Alt+H", en.dial.stop, hangUp);
  return (
    <>
      <p className="hint">{outbound?.calledAt ? en.dial.rings : en.dial.pickUp}</p>
      <div className="row">
        {outbound?.calledAt ? null : take}
        <Button look="danger" keys="Alt+H" onPress={hangUp} isPending={command.isPending}>
          {en.dial.stop}
        </Button>
        <Deadline label={en.dial.until} until={secondOf(desk.status?.deadline)} />
      </div>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}

/** As with a call, but no phone rings and nobody hangs up. */
function ConversationActions(properties: Properties) {
  const command = useCommand();
  const { contactId } = properties.contact;
  const accept = () => void command.run(() => client.accept({ contactId }, { timeoutMs: 3_000 }));
  const isOffered = situationOf(properties.desk.status) === "offered";
  useShortcut("Alt+A", en.desk.accept, accept, isOffered);
  const take = (
    <>
      <Button look="primary" keys="Alt+A" onPress={accept} isPending={command.isPending}>
        {en.desk.accept}
      </Button>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
  const { voicemail } = properties.contact;
  if (!voicemail) {
    return <Actions {...properties} take={take} end={en.desk.close} ended={en.desk.closed} />;
  }
  const words = { end: en.voicemail.close, ended: en.voicemail.closed };
  const during = voicemail.canCallBack ? <CallBackMessage contactId={contactId} /> : null;
  return (
    <>
      {isOffered ? null : <Message contactId={contactId} voicemail={voicemail} />}
      <Actions {...properties} take={take} during={during} {...words} />
    </>
  );
}

interface Actionable extends Properties {
  /** How the contact is taken while it is offered. */
  take: ReactNode;
  /** What can be done beside ending it while the agent has it. */
  during?: ReactNode;
  /** What ending it is called, and what is said when it is over. */
  end: string;
  ended: string;
}

function Actions({ desk, contact, take, during, end, ended }: Actionable) {
  const command = useCommand();
  const situation = situationOf(desk.status);
  const deadline = secondOf(desk.status?.deadline);
  const { contactId } = contact;
  const decline = () => void command.run(() => client.decline({ contactId }, { timeoutMs: 3_000 }));
  const hangUp = () => void command.run(() => client.hangUp({ contactId }, { timeoutMs: 3_000 }));
  useShortcut("Alt+X", en.desk.decline, decline, situation === "offered");
  // who consults a colleague gives them the customer, or goes back to the customer first
  const consults = contact.consultation !== undefined && !contact.isConsulted;
  const isTalking = situation === "talking";
  useShortcut("Alt+H", end, hangUp, isTalking && !consults);
  return (
    <>
      {situation === "offered" ? (
        <>
          <div className="row">{take}</div>
          <div className="row">
            <Button look="danger" keys="Alt+X" onPress={decline} isPending={command.isPending}>
              {en.desk.decline}
            </Button>
            <Deadline label={en.desk.offerEnds} until={deadline} />
          </div>
        </>
      ) : null}
      {isTalking ? (
        <div className="row">
          {during}
          {contact.consultation ? null : <Transfer contact={contact} />}
          {consults ? null : (
            <Button look="danger" keys="Alt+H" onPress={hangUp} isPending={command.isPending}>
              {end}
            </Button>
          )}
        </div>
      ) : null}
      {situation === "wrap-up" ? (
        <WrapUpClock until={deadline} ended={partedText(contact) || ended} />
      ) : null}
      {command.problem ? <p className="problem">{command.problem}</p> : null}
    </>
  );
}

/** Who had the customer before, and what they wrote. */
function Transferred({ contact }: { contact: CurrentContact }) {
  if (contact.transfers.length === 0) return null;
  return (
    <dl className="facts">
      {contact.transfers.map(({ agent, note }, place) => (
        <Fact key={place} name={en.transfer.by(agent)}>
          {note || en.none}
        </Fact>
      ))}
    </dl>
  );
}

/** Who asks this agent about the customer, and what. */
function Question({ contact: { consultation, isConsulted } }: { contact: CurrentContact }) {
  if (!consultation || !isConsulted) return null;
  return (
    <dl className="facts">
      <Fact name={en.consult.asks(consultation.agent)}>{consultation.note || en.none}</Fact>
    </dl>
  );
}

/** What the customer answered before they came to an agent, in the words that they read. */
function Answers({ contact }: { contact: CurrentContact }) {
  if (contact.answers.length === 0) return null;
  return (
    <details className="call-details" open>
      <summary>{en.desk.answers}</summary>
      <dl className="facts">
        {contact.answers.map(({ question, answer }, place) => (
          // one question may come twice, in rows of a roster
          <Fact key={place} name={question}>
            {answer}
          </Fact>
        ))}
      </dl>
    </details>
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

function WrapUpClock({ until, ended }: { until: number | undefined; ended: string }) {
  const left = until === undefined ? undefined : until - useSecond();
  const warning = left === undefined ? "" : deadlineWarning(left);
  useEffect(() => {
    if (warning) announce(warning);
  }, [warning]);
  return (
    <p className="row">
      <span className="hint">{ended}</span>
      <Deadline label={en.desk.wrapUpEnds} until={until} />
    </p>
  );
}

/** Open while the agent decides; afterwards folded away, so that the work has the room. */
function ContactDetails({ desk, contact }: Properties) {
  const isOffered = situationOf(desk.status) === "offered";
  return (
    <details key={String(isOffered)} className="call-details" open={isOffered}>
      <summary>{en.desk.details}</summary>
      <ContactFacts desk={desk} contact={contact} />
    </details>
  );
}

function ContactFacts({ desk, contact }: Properties) {
  const waitedFrom = secondOf(contact.queuedAt ?? contact.arrivedAt);
  const connected = secondOf(contact.connectedAt);
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
      {contact.outbound ? (
        <div className="why">
          <h3>{en.dial.rules}</h3>
          <ul>
            {contact.outbound.evidence.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <dl className="facts">
        {contact.outbound ? (
          <Fact name={en.dial.about}>{contact.outbound.purposeTitle}</Fact>
        ) : null}
        {handedOver(desk).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        {isCall(contact.channel) || contact.callingNumber ? (
          <Fact name={contact.outbound ? en.dial.number : en.desk.calling}>
            <span className="number">{contact.callingNumber || en.desk.hidden}</span>
          </Fact>
        ) : null}
        {contact.calledNumber ? (
          <Fact name={en.desk.called}>
            <span className="number">{contact.calledNumber}</span>
          </Fact>
        ) : null}
        <Fact name={en.desk.waited}>
          {contact.isTransferred || contact.isConsulted || contact.outbound ? (
            en.none
          ) : connected === undefined ? (
            <Elapsed since={waitedFrom} />
          ) : (
            clockText(connected - (waitedFrom ?? connected))
          )}
        </Fact>
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
