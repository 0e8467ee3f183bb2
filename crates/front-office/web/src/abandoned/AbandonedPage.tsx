import { useCallback, useEffect } from "react";
import { desk } from "../app/api";
import { useCommand } from "../app/command";
import { clockText, durationSeconds, instantText, titleOf } from "../app/format";
import { useLoad } from "../app/load";
import { addressOf } from "../app/location";
import { isAgent } from "../app/session";
import { useShortcut } from "../app/shortcuts";
import type { Abandoned } from "../gen/caruso/contact/v1/abandoned_pb";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { neighbour } from "../history/path";
import { Button, Empty, Notice } from "../kit";
import { en } from "../messages";

/** Milliseconds after which the list is fetched again. */
const AGAIN = 10_000;

function choose(contactId: string): void {
  window.location.replace(addressOf("abandoned", contactId));
}

/** Who hung up waiting and has not been talked to since; an agent calls them back from here. */
export function AbandonedPage({ item, user }: { item: string; user: User }) {
  const fetchEntries = useCallback(
    (signal: AbortSignal) => desk.listAbandoned({}, { signal, timeoutMs: 5_000 }),
    [],
  );
  const { answer, isLoading, problem, again } = useLoad(fetchEntries);
  useEffect(() => {
    const timer = window.setInterval(again, AGAIN);
    return () => window.clearInterval(timer);
  }, [again]);
  const entries = answer?.entries ?? [];
  const command = useCommand();
  const chosen = entries.find(({ contactId }) => contactId === item);
  const mayCall = isAgent(user);
  const call = (contactId: string) =>
    void command.run(async () => {
      await desk.callBack({ contactId }, { timeoutMs: 3_000 });
      window.location.hash = addressOf("desk");
    });
  useShortcut("j", en.abandoned.older, () => choose(neighbour(entries, item, 1)));
  useShortcut("k", en.abandoned.newer, () => choose(neighbour(entries, item, -1)));
  useShortcut(
    "Alt+D",
    en.abandoned.callChosen,
    () => chosen && call(chosen.contactId),
    mayCall && chosen !== undefined && canCall(chosen),
  );
  return (
    <div className="page abandoned">
      <header className="headline">
        <h1>{en.abandoned.title}</h1>
        <span className="hint">{mayCall ? en.abandoned.own : en.abandoned.all}</span>
        <span className="space" />
        <Button onPress={again} isPending={isLoading}>
          {en.history.refresh}
        </Button>
      </header>
      {problem ? <Notice tone="bad" title={problem} /> : null}
      {command.problem ? <Notice tone="bad" title={command.problem} /> : null}
      {answer && entries.length === 0 ? (
        <Empty title={en.abandoned.none} detail={en.abandoned.noneDetail} />
      ) : null}
      {entries.length > 0 ? (
        <section className="pane card" aria-label={en.abandoned.title}>
          <div className="scroll">
            <table className="selectable">
              <Head />
              <tbody>
                {entries.map((entry) => (
                  <Row
                    key={entry.contactId}
                    entry={entry}
                    isChosen={entry.contactId === item}
                    isPending={command.isPending}
                    onCall={mayCall ? call : undefined}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ) : null}
    </div>
  );
}

/** Whether the rules may permit a call, and no colleague is making it. */
function canCall({ canCallBack, callingAgent }: Abandoned): boolean {
  return canCallBack && callingAgent === "";
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">{en.abandoned.number}</th>
        <th scope="col">{en.history.queue}</th>
        <th scope="col">{en.abandoned.hungUp}</th>
        <th scope="col" className="figure">
          {en.abandoned.waited}
        </th>
        <th scope="col" className="figure">
          {en.abandoned.times}
        </th>
        <th scope="col" className="figure">
          {en.abandoned.attempts}
        </th>
        <th scope="col">{en.abandoned.tried}</th>
        <th scope="col">{en.dial.submit}</th>
      </tr>
    </thead>
  );
}

interface RowProperties {
  entry: Abandoned;
  isChosen: boolean;
  isPending: boolean;
  /** Missing for those who do not call. */
  onCall: ((contactId: string) => void) | undefined;
}

function Row({ entry, isChosen, isPending, onCall }: RowProperties) {
  const { contactId, number, callingAgent } = entry;
  const label = en.abandoned.callBack(number);
  return (
    <tr className={isChosen ? "chosen" : ""} onClick={() => choose(contactId)}>
      <th scope="row">
        <a
          className="number"
          href={addressOf("abandoned", contactId)}
          aria-current={isChosen ? "true" : undefined}
        >
          {number}
        </a>
      </th>
      <td>{entry.queueTitle || titleOf({}, entry.queue)}</td>
      <td>{instantText(entry.hungUpAt)}</td>
      <td className="figure">{clockText(durationSeconds(entry.waited) ?? 0)}</td>
      <td className="figure">{entry.times}</td>
      <td className="figure">{entry.attempts}</td>
      <td>{entry.triedAt ? instantText(entry.triedAt) : en.none}</td>
      <td>
        {callingAgent ? <small>{en.abandoned.calling(callingAgent)}</small> : null}
        {onCall && canCall(entry) ? (
          <Button
            look="quiet"
            size="small"
            label={label}
            onPress={() => onCall(contactId)}
            isPending={isPending}
          >
            {en.abandoned.call}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
