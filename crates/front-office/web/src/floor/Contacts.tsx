import { useState } from "react";
import { desk as client } from "../app/api";
import { fromText } from "../app/channel";
import { useCommand } from "../app/command";
import { secondOf } from "../app/format";
import { Elapsed } from "../desk/Timer";
import type { FloorContact, WatchFloorResponse } from "../gen/caruso/contact/v1/supervision_pb";
import { Button, ChoiceGroup, Dialog, Empty, Menu, type MenuEntry } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";

const FORWARD = "forward:";
const PRIORITY = "priority:";
const END = "end:";

export function Contacts({ floor }: { floor: WatchFloorResponse }) {
  const [ending, setEnding] = useState<FloorContact>();
  const [ranking, setRanking] = useState<FloorContact>();
  const command = useCommand();
  const { contacts, moreContacts } = floor;
  const choose = async (contact: FloorContact, id: string) => {
    if (id === END) return setEnding(contact);
    if (id === PRIORITY) return setRanking(contact);
    const { contactId } = contact;
    const options = { timeoutMs: 3_000 };
    const isDone = await command.run(() =>
      id === FORWARD
        ? client.bringForward({ contactId }, options)
        : client.moveContact({ contactId, queue: id }, options),
    );
    if (isDone) announce(id === FORWARD ? en.floor.spokenForward : en.floor.spokenMoved);
  };
  return (
    <>
      <h2>{en.floor.contacts}</h2>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      {contacts.length === 0 ? (
        <Empty title={en.status.noContacts} />
      ) : (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{en.status.calling}</th>
                <th scope="col">{en.status.segment}</th>
                <th scope="col">{en.status.queue}</th>
                <th scope="col" className="figure">
                  {en.floor.place}
                </th>
                <th scope="col" className="figure">
                  {en.status.since}
                </th>
                <th scope="col">{en.floor.why}</th>
                <th scope="col">
                  <span className="unseen">{en.floor.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {contacts.map((contact) => (
                <ContactRow
                  key={contact.contactId}
                  contact={contact}
                  entries={entriesOf(contact, floor)}
                  onChoose={(id) => void choose(contact, id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {moreContacts > 0 ? <p className="hint">{en.floor.more(moreContacts)}</p> : null}
      <Dialog
        title={en.floor.endTitle}
        closeLabel={en.cancel}
        isOpen={ending !== undefined}
        onClose={() => setEnding(undefined)}
      >
        {ending ? <End contact={ending} onDone={() => setEnding(undefined)} /> : null}
      </Dialog>
      <Dialog
        title={en.floor.priority}
        closeLabel={en.cancel}
        isOpen={ranking !== undefined}
        onClose={() => setRanking(undefined)}
      >
        {ranking ? <Priority contact={ranking} onDone={() => setRanking(undefined)} /> : null}
      </Dialog>
    </>
  );
}

/** What can be done with a contact: only who waits can wait elsewhere. */
function entriesOf(contact: FloorContact, floor: WatchFloorResponse): MenuEntry[] {
  const end = { id: END, title: en.floor.end };
  if (contact.place === 0) return [end];
  const others = floor.queues.filter(({ id }) => id !== contact.queue);
  return [
    ...(contact.place > 1 ? [{ id: FORWARD, title: en.floor.forward }] : []),
    { id: PRIORITY, title: en.floor.priorityNow(contact.priority) },
    ...others.map(({ id, title, agentsReady }) => ({
      id,
      title: en.floor.sendTo(title, agentsReady),
    })),
    end,
  ];
}

interface RowProperties {
  contact: FloorContact;
  entries: MenuEntry[];
  onChoose: (id: string) => void;
}

function ContactRow({ contact, entries, onChoose }: RowProperties) {
  const { callingNumber, channel, segment, queueTitle, place, agent } = contact;
  const who = fromText(callingNumber, channel);
  // that it waits, where and for how long stands in columns of their own
  const why = contact.waiting.slice(1).join(" ");
  return (
    <tr className={place > 0 ? "waiting" : ""}>
      <th scope="row" className="number">
        {who}
      </th>
      <td>{en.segment[segment] ?? segment}</td>
      <td>{queueTitle || en.none}</td>
      <td className="figure">{place > 0 ? place : en.none}</td>
      <td className="figure">
        <Elapsed since={secondOf(contact.since)} />
      </td>
      <td className="why">{agent || why || en.none}</td>
      <td className="figure">
        <Menu label={en.floor.actionsFor(who)} entries={entries} onChoose={onChoose}>
          {en.floor.actions}
        </Menu>
      </td>
    </tr>
  );
}

function End({ contact, onDone }: { contact: FloorContact; onDone: () => void }) {
  const command = useCommand();
  const { contactId, callingNumber, channel, agent } = contact;
  const end = async () => {
    if (await command.run(() => client.endContact({ contactId }, { timeoutMs: 3_000 }))) {
      announce(en.floor.spokenEnded);
      onDone();
    }
  };
  return (
    <>
      <p>{en.floor.endDetail(fromText(callingNumber, channel), agent)}</p>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      <Button look="danger" onPress={() => void end()} isPending={command.isPending}>
        {en.floor.end}
      </Button>
    </>
  );
}

/** The priorities of routing files. */
const PRIORITIES = Array.from({ length: 10 }, (_, priority) => String(priority));

function Priority({ contact, onDone }: { contact: FloorContact; onDone: () => void }) {
  const command = useCommand();
  const [chosen, setChosen] = useState(String(contact.priority));
  const { contactId, callingNumber, channel } = contact;
  const set = async () => {
    const request = { contactId, priority: Number(chosen) };
    if (await command.run(() => client.setPriority(request, { timeoutMs: 3_000 }))) {
      announce(en.floor.spokenPriority(chosen));
      onDone();
    }
  };
  return (
    <>
      <ChoiceGroup
        label={en.floor.priorityOf(fromText(callingNumber, channel))}
        options={PRIORITIES.map((id) => ({ id, title: id }))}
        value={chosen}
        onChange={setChosen}
        look="segments"
      />
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      <Button look="primary" onPress={() => void set()} isPending={command.isPending}>
        {en.floor.setPriority}
      </Button>
    </>
  );
}
