import { fromText } from "../app/channel";
import { clockText, instantText, timeText, titleOf, wordsOf } from "../app/format";
import type { Contact } from "../gen/caruso/contact/v1/contact_pb";
import { Message } from "../desk/Message";
import { Facts } from "../kit";
import { useSecond } from "../live/clock";
import { en } from "../messages";
import { lengthOf, widths } from "./path";

interface Properties {
  contact: Contact;
  /** Of queues and dispositions, by id. */
  titles: Record<string, string>;
  /** Of agents, by log-in name. */
  names: Record<string, string>;
  /** Whether who looks may hear what the customer said. */
  canHear: boolean;
}

/** One contact: its path in segments, and why each agent was offered it. */
export function ContactDetail({ contact, titles, names, canHear }: Properties) {
  const { callingNumber, calledNumber, customerKey, disposition, note, endCause } = contact;
  const facts: Array<[string, string]> = [
    [en.history.arrived, instantText(contact.arrivedAt)],
    [en.history.signalled, contact.signalledNumber],
    [en.history.to, calledNumber],
    [en.history.queue, titleOf(titles, contact.queue)],
    [en.history.customer, customerKey],
    [en.history.disposition, titleOf(titles, disposition)],
    [en.history.note, note],
    ...contact.consultations.map(({ agent, colleague, note: text }): [string, string] => [
      en.consult.asked(agent, colleague),
      text || en.none,
    ]),
    ...contact.transfers.map(({ agent, note: text }): [string, string] => [
      en.transfer.by(agent),
      text || en.none,
    ]),
    ...contact.outside.map(({ agent, title, number, notReached }): [string, string] => [
      en.transfer.toOutside(agent),
      [`${title}, ${number}`, wordsOf(titleOf(en.causes, notReached))].filter(Boolean).join(": "),
    ]),
    ...contact.interventions.map(({ supervisor, at, what }): [string, string] => [
      en.floor.interventionOf(supervisor),
      `${timeText(at)} ${en.floor.interventions[what] ?? what}`,
    ]),
    [en.history.outcome, wordsOf(titleOf(en.causes, endCause))],
  ];
  return (
    <div className="detail-pane">
      <h2 className="who">{fromText(callingNumber, contact.channel)}</h2>
      <Facts facts={facts.filter(([, text]) => text !== "")} />
      {contact.voicemail && canHear ? (
        <Message contactId={contact.contactId} voicemail={contact.voicemail} />
      ) : null}
      <Path contact={contact} titles={titles} names={names} />
      <Offers contact={contact} names={names} />
      <Waiting sentences={contact.waiting} />
    </div>
  );
}

function Path({ contact, titles, names }: Omit<Properties, "canHear">) {
  const now = useSecond();
  const lengths = contact.segments.map((segment) => lengthOf(segment, now));
  const shares = widths(lengths);
  return (
    <section aria-label={en.history.path}>
      <h3>{en.history.path}</h3>
      <div className="strip" aria-hidden="true">
        {contact.segments.map(({ kind }, index) => (
          <span key={index} className={`part ${kind}`} style={{ flexGrow: shares[index] ?? 4 }} />
        ))}
      </div>
      <ol className="segments">
        {contact.segments.map((segment, index) => (
          <li key={index}>
            <span className={`swatch ${segment.kind}`} aria-hidden="true" />
            <time>{timeText(segment.startedAt)}</time>
            <span>
              <strong>{en.segment[segment.kind] ?? segment.kind}</strong>{" "}
              {[titleOf(titles, segment.queue), titleOf(names, segment.agent)]
                .filter(Boolean)
                .join(" · ")}
              {segment.endCause ? <small> {titleOf(en.causes, segment.endCause)}</small> : null}
            </span>
            <span className="figure">
              {segment.endedAt ? "" : `${en.history.now} `}
              {clockText(lengths[index] ?? 0)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Why it waits, as of when it was read. */
function Waiting({ sentences }: { sentences: string[] }) {
  if (sentences.length === 0) {
    return null;
  }
  return (
    <section aria-label={en.history.waiting}>
      <h3>{en.history.waiting}</h3>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

function Offers({ contact, names }: Pick<Properties, "contact" | "names">) {
  return (
    <section aria-label={en.history.offers}>
      <h3>{en.history.offers}</h3>
      {contact.offers.length === 0 ? <p className="hint">{en.history.noOffers}</p> : null}
      <ol className="offers">
        {contact.offers.map(({ agent, offeredAt, outcome, why }, index) => (
          <li key={index}>
            <p>
              <time>{timeText(offeredAt)}</time> <strong>{titleOf(names, agent)}</strong>{" "}
              {titleOf(en.causes, outcome)}
            </p>
            <ul>
              {why.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}
