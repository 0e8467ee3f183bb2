import { useCallback } from "react";
import { desk } from "../app/api";
import { instantText } from "../app/format";
import { useLoad } from "../app/load";
import { addressOf } from "../app/location";
import { Dialog, Empty, Notice } from "../kit";
import { en } from "../messages";
import { type Asked, nameOf, type Shown } from "./query";

interface Properties {
  asked: Asked;
  shown: Shown;
  onClose: () => void;
}

/** The contacts behind a figure; each leads to its path. */
export function Behind({ asked, shown, onClose }: Properties) {
  const { column, row } = shown;
  const fetchContacts = useCallback(
    async (signal: AbortSignal) => {
      const of = {
        query: asked,
        column: column.id,
        ...(row ? { interval: row.interval, groups: row.groups.map(({ id }) => id) } : {}),
      };
      return (await desk.listReportContacts({ of }, { signal, timeoutMs: 12_000 })).contacts;
    },
    [asked, column, row],
  );
  const { answer, problem } = useLoad(fetchContacts);
  const contacts = answer?.contacts ?? [];
  const hasTimes = contacts.some(({ time }) => time !== "");
  return (
    <Dialog
      title={`${column.title} – ${nameOf(row)}`}
      closeLabel={en.report.close}
      isOpen
      onClose={onClose}
    >
      <p className="hint">{answer ? en.report.behind(contacts.length, answer.count) : ""}</p>
      {problem ? <Notice tone="bad" title={problem} /> : null}
      {answer && contacts.length === 0 ? <Empty title={en.report.nobody} /> : null}
      {contacts.length > 0 ? (
        <div className="scroll behind-list" tabIndex={0} role="region" aria-label={column.title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{en.report.began}</th>
                <th scope="col">{en.report.queue}</th>
                <th scope="col">{en.report.agent}</th>
                {hasTimes ? (
                  <th scope="col" className="figure">
                    {en.report.time}
                  </th>
                ) : null}
              </tr>
            </thead>
            <tbody>
              {contacts.map(({ contactId, at, queueTitle, agentName, time }, index) => (
                // a contact may be there twice: it was offered again
                <tr key={`${contactId} ${index}`}>
                  <th scope="row">
                    <a href={addressOf("history", contactId)}>{instantText(at)}</a>
                  </th>
                  <td>{queueTitle || en.none}</td>
                  <td>{agentName || en.none}</td>
                  {hasTimes ? <td className="figure">{time}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </Dialog>
  );
}
