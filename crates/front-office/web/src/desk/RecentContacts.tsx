import { useEffect, useState } from "react";
import { desk as client } from "../app/api";
import { fromText } from "../app/channel";
import { addressOf } from "../app/location";
import { timeText, titleOf } from "../app/format";
import type { Contact } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { en } from "../messages";
import { Dial } from "./Dial";

const SHOWN = 6;

/** The contacts that the agent handled last; shown between two contacts. */
export function RecentContacts({ user, desk }: { user: string; desk: WatchDeskResponse }) {
  const [contacts, setContacts] = useState<Contact[]>([]);
  const [titles, setTitles] = useState<Record<string, string>>({});
  useEffect(() => {
    const abort = new AbortController();
    client
      .listContacts({}, { signal: abort.signal, timeoutMs: 4_000 })
      .then((answer) => {
        setContacts(answer.contacts);
        setTitles({ ...answer.queueTitles, ...answer.dispositionTitles });
      })
      // Only an aid: without it the desk works, and the page of contacts says what is wrong.
      .catch(() => setContacts([]));
    return () => abort.abort();
  }, []);
  const own = contacts.filter(({ agent }) => agent === user).slice(0, SHOWN);
  return (
    <div className="card recent">
      <h2>{en.desk.recent}</h2>
      {own.length === 0 ? <p className="detail">{en.desk.recentNone}</p> : null}
      <ul>
        {own.map((contact) => (
          <li key={contact.contactId}>
            <a href={addressOf("history", contact.contactId)}>
              <span className="number">{fromText(contact.callingNumber, contact.channel)}</span>
              <span>{titleOf(titles, contact.disposition || contact.queue)}</span>
              <time>{timeText(contact.arrivedAt)}</time>
            </a>
            {contact.callingNumber ? <Dial desk={desk} number={contact.callingNumber} /> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
