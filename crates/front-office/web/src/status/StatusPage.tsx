import { timestampMs } from "@bufbuild/protobuf/wkt";
import { memo, type ReactNode, useEffect } from "react";
import { desk, renew } from "../app/api";
import { fromText } from "../app/channel";
import { secondOf, timeText, titleOf } from "../app/format";
import { Elapsed } from "../desk/Timer";
import { toneOf } from "../desk/situation";
import type { WatchStatusResponse as Message } from "../gen/caruso/desk/v1/desk_pb";
import type {
  AgentStatus,
  ContactStatus,
  QueueStatus,
  WatchStatusResponse,
} from "../gen/caruso/monitor/v1/monitor_pb";
import { Empty, Mark, Notice } from "../kit";
import { serverClock } from "../live/clock";
import { follow, type Link } from "../live/follow";
import { createStore, useStore } from "../live/store";
import { en } from "../messages";
import { mergeStatus } from "./merge";

interface Feed {
  status: WatchStatusResponse | undefined;
  link: Link;
}

const feed = createStore<Feed>({ status: undefined, link: "connecting" });

export function StatusPage() {
  useEffect(
    () =>
      follow<Message>({
        open: (signal) => desk.watchStatus({}, { signal }),
        renew,
        onLink: (link) => feed.update((current) => ({ ...current, link })),
        onMessage: ({ status }) => {
          if (!status) return;
          if (status.at && !status.isStale) {
            serverClock.observe(timestampMs(status.at), Date.now());
          }
          feed.update((current) => ({ ...current, status: mergeStatus(current.status, status) }));
        },
      }),
    [],
  );
  const { status, link } = useStore(feed);
  if (!status) return <p className="loading">{en.loading}</p>;
  const isLive = link === "live" && !status.isStale;
  return (
    <div className={isLive ? "page status" : "page status stale"}>
      <header className="headline">
        <h1>{en.status.title}</h1>
        {isLive ? (
          <span className="fresh">
            <Mark tone="good" /> {en.link.live}
          </span>
        ) : null}
      </header>
      {isLive ? null : (
        <Notice
          tone="bad"
          title={status.at ? en.status.stale(timeText(status.at)) : en.status.staleUnknown}
        />
      )}
      <section className="pane card" aria-label={en.status.queues}>
        <Queues queues={status.queues} />
      </section>
      <div className="halves">
        <section className="pane card" aria-label={en.status.agents}>
          <Agents agents={status.agents} />
        </section>
        <section className="pane card" aria-label={en.status.contacts}>
          <Contacts status={status} />
        </section>
      </div>
    </div>
  );
}

interface TableProperties {
  caption: string;
  columns: Array<{ title: string; isFigure?: boolean }>;
  empty: string;
  children: ReactNode[];
}

function Table({ caption, columns, empty, children }: TableProperties) {
  return (
    <>
      <h2>{caption}</h2>
      {children.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                {columns.map(({ title, isFigure }) => (
                  <th key={title} scope="col" className={isFigure ? "figure" : ""}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

const QUEUE_COLUMNS = [
  { title: en.status.queue },
  { title: en.status.waiting, isFigure: true },
  { title: en.status.longest, isFigure: true },
  { title: en.status.ready, isFigure: true },
  { title: en.status.offered, isFigure: true },
  { title: en.status.answered, isFigure: true },
  { title: en.status.abandoned, isFigure: true },
];

function Queues({ queues }: { queues: QueueStatus[] }) {
  return (
    <Table caption={en.status.queues} columns={QUEUE_COLUMNS} empty={en.status.noQueues}>
      {queues.map((queue) => (
        <QueueRow key={queue.queue} queue={queue} />
      ))}
    </Table>
  );
}

const QueueRow = memo(function QueueRow({ queue }: { queue: QueueStatus }) {
  return (
    <tr className={queue.waiting > 0 ? "waiting" : ""}>
      <th scope="row">{queue.title || queue.queue}</th>
      <td className="figure big">{queue.waiting}</td>
      <td className="figure">
        {queue.waiting > 0 ? <Elapsed since={secondOf(queue.longestWaitingSince)} /> : en.none}
      </td>
      <td className="figure">{queue.agentsReady}</td>
      <td className="figure">{queue.offeredToday}</td>
      <td className="figure">{queue.answeredToday}</td>
      <td className="figure">{queue.abandonedToday}</td>
    </tr>
  );
});

const AGENT_COLUMNS = [
  { title: en.status.agent },
  { title: en.status.state },
  { title: en.status.since, isFigure: true },
];

function Agents({ agents }: { agents: AgentStatus[] }) {
  return (
    <Table caption={en.status.agents} columns={AGENT_COLUMNS} empty={en.status.noAgents}>
      {agents.map((agent) => (
        <AgentRow key={agent.agent} agent={agent} />
      ))}
    </Table>
  );
}

const AgentRow = memo(function AgentRow({ agent }: { agent: AgentStatus }) {
  return (
    <tr>
      <th scope="row">{agent.displayName || agent.agent}</th>
      <td>
        <span className="state">
          <Mark tone={toneOf(agent.state)} />
          {en.state.byName[agent.state] ?? agent.state}
          {agent.reason ? <small>{titleOf(en.state.reasons, agent.reason)}</small> : null}
        </span>
      </td>
      <td className="figure">
        <Elapsed since={secondOf(agent.since)} />
      </td>
    </tr>
  );
});

const CONTACT_COLUMNS = [
  { title: en.status.calling },
  { title: en.status.segment },
  { title: en.status.queue },
  { title: en.status.agent },
  { title: en.status.since, isFigure: true },
];

function Contacts({ status }: { status: WatchStatusResponse }) {
  const { contacts, queues, agents } = status;
  const titles = new Map(queues.map(({ queue, title }) => [queue, title]));
  const names = new Map(agents.map(({ agent, displayName }) => [agent, displayName]));
  return (
    <Table caption={en.status.contacts} columns={CONTACT_COLUMNS} empty={en.status.noContacts}>
      {contacts.map((contact) => (
        <ContactRow
          key={contact.contactId}
          contact={contact}
          queueTitle={titles.get(contact.queue) || contact.queue}
          agentName={names.get(contact.agent) || contact.agent}
        />
      ))}
    </Table>
  );
}

interface ContactRowProperties {
  contact: ContactStatus;
  queueTitle: string;
  agentName: string;
}

const ContactRow = memo(function ContactRow(properties: ContactRowProperties) {
  const { contact, queueTitle, agentName } = properties;
  return (
    <tr>
      <th scope="row" className="number">
        {fromText(contact.callingNumber, contact.channel)}
      </th>
      <td>{en.segment[contact.segment] ?? contact.segment}</td>
      <td>{queueTitle || en.none}</td>
      <td>{agentName || en.none}</td>
      <td className="figure">
        <Elapsed since={secondOf(contact.since)} />
      </td>
    </tr>
  );
});
