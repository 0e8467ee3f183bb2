import { memo, useCallback, useMemo, useState } from "react";
import { desk } from "../app/api";
import { fromText } from "../app/channel";
import { clockText, instantText, titleOf } from "../app/format";
import { useLoad } from "../app/load";
import { addressOf } from "../app/location";
import { isSupervisor } from "../app/session";
import { useShortcut } from "../app/shortcuts";
import type { Contact } from "../gen/caruso/contact/v1/contact_pb";
import { Role, type User } from "../gen/caruso/identity/v1/identity_pb";
import { Button, Empty, Notice } from "../kit";
import { useSecond } from "../live/clock";
import { en } from "../messages";
import { ContactDetail } from "./ContactDetail";
import { contactLength, neighbour } from "./path";

const NO_NAMES: Record<string, string> = {};

function choose(contactId: string): void {
  window.location.replace(addressOf("history", contactId));
}

export function HistoryPage({ item, user }: { item: string; user: User }) {
  // a link may lead to one that is older than the list
  const [contactId] = useState(item);
  const fetchContacts = useCallback(
    (signal: AbortSignal) => desk.listContacts({ contactId }, { signal, timeoutMs: 5_000 }),
    [contactId],
  );
  const { answer, isLoading, problem, again } = useLoad(fetchContacts);
  const contacts = answer?.contacts ?? [];
  const titles = useMemo(
    () => ({ ...answer?.queueTitles, ...answer?.dispositionTitles }),
    [answer],
  );
  const names = answer?.agentNames ?? NO_NAMES;
  const chosen = contacts.find(({ contactId }) => contactId === item);
  useShortcut("j", en.history.older, () => choose(neighbour(contacts, item, 1)));
  useShortcut("k", en.history.newer, () => choose(neighbour(contacts, item, -1)));
  return (
    <div className="page history" aria-busy={isLoading}>
      <header className="headline">
        <h1>{en.history.title}</h1>
        <span className="hint">{isSupervisor(user) ? en.history.all : en.history.own}</span>
        <span className="space" />
        <Button onPress={again} isPending={isLoading}>
          {en.history.refresh}
        </Button>
      </header>
      {problem ? <Notice tone="bad" title={problem} /> : null}
      {answer && contacts.length === 0 ? <Empty title={en.history.none} /> : null}
      {contacts.length > 0 ? (
        <div className="halves wide-left">
          <section className="pane card" aria-label={en.history.title}>
            <ContactTable contacts={contacts} chosen={item} titles={titles} names={names} />
          </section>
          <section className="pane card" aria-label={en.history.path}>
            {chosen ? (
              <ContactDetail
                contact={chosen}
                titles={titles}
                names={names}
                canHear={user.roles.includes(Role.SUPERVISOR) || chosen.agent === user.name}
              />
            ) : (
              <Empty title={en.history.choose} />
            )}
          </section>
        </div>
      ) : null}
    </div>
  );
}

interface TableProperties {
  contacts: Contact[];
  chosen: string;
  /** Of queues and dispositions, by id. */
  titles: Record<string, string>;
  /** Of agents, by log-in name. */
  names: Record<string, string>;
}

function ContactTable({ contacts, chosen, titles, names }: TableProperties) {
  return (
    <div className="scroll">
      <table className="selectable">
        <thead>
          <tr>
            <th scope="col">{en.history.arrived}</th>
            <th scope="col">{en.history.from}</th>
            <th scope="col">{en.history.queue}</th>
            <th scope="col">{en.history.agent}</th>
            <th scope="col" className="figure">
              {en.history.duration}
            </th>
            <th scope="col">{en.history.disposition}</th>
          </tr>
        </thead>
        <tbody>
          {contacts.map((contact) => (
            <ContactRow
              key={contact.contactId}
              contact={contact}
              titles={titles}
              agent={titleOf(names, contact.agent)}
              isChosen={contact.contactId === chosen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProperties {
  contact: Contact;
  titles: Record<string, string>;
  agent: string;
  isChosen: boolean;
}

const ContactRow = memo(function ContactRow(properties: RowProperties) {
  const { contact, titles, agent, isChosen } = properties;
  return (
    <tr className={isChosen ? "chosen" : ""} onClick={() => choose(contact.contactId)}>
      <th scope="row">
        <a
          href={addressOf("history", contact.contactId)}
          aria-current={isChosen ? "true" : undefined}
        >
          {instantText(contact.arrivedAt)}
        </a>
      </th>
      <td className="number">{fromText(contact.callingNumber, contact.channel)}</td>
      <td>{titleOf(titles, contact.queue) || en.none}</td>
      <td>{agent || en.none}</td>
      <td className="figure">
        <Length contact={contact} />
      </td>
      <td>
        {titleOf(titles, contact.disposition) || (
          <small>{titleOf(en.causes, contact.endCause) || en.none}</small>
        )}
      </td>
    </tr>
  );
});

function Length({ contact }: { contact: Contact }) {
  return contact.endedAt ? (
    <>{clockText(contactLength(contact, 0))}</>
  ) : (
    <Running contact={contact} />
  );
}

function Running({ contact }: { contact: Contact }) {
  return <span className="timer">{clockText(contactLength(contact, useSecond()))}</span>;
}
