import { useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { secondOf, titleOf } from "../app/format";
import { toneOf } from "../desk/situation";
import { Elapsed } from "../desk/Timer";
import { AgentState } from "../gen/caruso/contact/v1/contact_pb";
import type { FloorAgent } from "../gen/caruso/contact/v1/supervision_pb";
import type { Reason } from "../gen/caruso/desk/v1/desk_pb";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { Button, Dialog, Empty, Mark, Menu, type MenuEntry, TextField } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";
import { ListeningSwitch } from "./Listening";
import { imposedText } from "./words";

const READY = "ready:";
const SIGNED_OUT = "signed-out:";

/** A state that is to be imposed, while the supervisor says why. */
interface Wish {
  agent: FloorAgent;
  id: string;
  title: string;
}

interface Properties {
  agents: FloorAgent[];
  reasons: Reason[];
  /** The supervisor. */
  user: User;
}

export function Agents({ agents, reasons, user }: Properties) {
  const [wish, setWish] = useState<Wish>();
  return (
    <>
      <h2>{en.floor.agents}</h2>
      {agents.length === 0 ? (
        <Empty title={en.floor.noAgents} />
      ) : (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{en.status.agent}</th>
                <th scope="col">{en.status.state}</th>
                <th scope="col" className="figure">
                  {en.status.since}
                </th>
                <th scope="col">{en.floor.contact}</th>
                <th scope="col">{en.floor.serves}</th>
                <th scope="col">{en.floor.skills}</th>
                <th scope="col">
                  <span className="unseen">{en.floor.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {agents.map((agent) => (
                <AgentRow
                  key={agent.agent}
                  agent={agent}
                  reasons={reasons}
                  user={user}
                  onWish={setWish}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog
        title={wish ? en.floor.impose(wish.agent.displayName, wish.title) : ""}
        closeLabel={en.cancel}
        isOpen={wish !== undefined}
        onClose={() => setWish(undefined)}
        hasOwnFocus
      >
        {wish ? <Impose wish={wish} onDone={() => setWish(undefined)} /> : null}
      </Dialog>
    </>
  );
}

interface RowProperties {
  agent: FloorAgent;
  reasons: Reason[];
  /** The supervisor. */
  user: User;
  onWish: (wish: Wish) => void;
}

function AgentRow({ agent, reasons, user, onWish }: RowProperties) {
  const isBusy = agent.contactId !== "";
  const entries: MenuEntry[] = [
    { id: READY, title: en.state.ready, mark: <Mark tone="good" /> },
    ...reasons.map(({ id, title }) => ({
      id,
      title: en.state.notReady(title),
      mark: <Mark tone="off" />,
    })),
    ...(isBusy ? [] : [{ id: SIGNED_OUT, title: en.floor.signOut, mark: <Mark tone="bad" /> }]),
  ];
  const choose = (id: string) => {
    const title = entries.find((entry) => entry.id === id)?.title ?? id;
    onWish({ agent, id, title });
  };
  const skills = Object.entries(agent.skills).map(([name, level]) => `${name} ${level}`);
  return (
    <tr>
      <th scope="row">{agent.displayName}</th>
      <td>
        <span className="state">
          <Mark tone={toneOf(agent.state)} />
          {en.state.names[agent.state]}
          {agent.reason ? <small>{titleOf(en.state.reasons, agent.reason)}</small> : null}
          {agent.nextReason ? (
            <small>{en.state.after(titleOf(en.state.reasons, agent.nextReason))}</small>
          ) : null}
          {agent.isPhoneRegistered ? null : <small className="problem">{en.floor.noPhone}</small>}
          {agent.imposed ? <small>{imposedText(agent.imposed)}</small> : null}
        </span>
      </td>
      <td className="figure">
        <Elapsed since={secondOf(agent.since)} />
      </td>
      <td>
        {[agent.callingNumber, agent.queueTitle].filter(Boolean).join(" · ") || en.none}
        <ListeningSwitch agent={agent} user={user} />
      </td>
      <td>{agent.queueTitles.join(", ")}</td>
      <td>{skills.join(", ") || en.none}</td>
      <td className="figure">
        <Menu
          label={en.floor.stateOf(agent.displayName)}
          heading={isBusy ? en.state.chooseAfter : en.floor.stateOf(agent.displayName)}
          entries={entries}
          onChoose={choose}
        >
          {en.floor.setState}
        </Menu>
      </td>
    </tr>
  );
}

function Impose({ wish, onDone }: { wish: Wish; onDone: () => void }) {
  const { agent, id, title } = wish;
  const [words, setWords] = useState("");
  const command = useCommand();
  const impose = async () => {
    const isReason = id !== READY && id !== SIGNED_OUT;
    const other = id === READY ? AgentState.READY : AgentState.SIGNED_OUT;
    const state = isReason ? AgentState.NOT_READY : other;
    const request = { agent: agent.agent, state, reason: isReason ? id : "", words };
    if (await command.run(() => client.imposeState(request, { timeoutMs: 3_000 }))) {
      announce(en.floor.spokenImposed(agent.displayName, title));
      onDone();
    }
  };
  return (
    <>
      <TextField
        label={en.floor.words(agent.displayName)}
        value={words}
        onChange={setWords}
        onSubmit={() => void impose()}
        isFocusedFirst
      />
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      <Button look="primary" onPress={() => void impose()} isPending={command.isPending}>
        {en.floor.submit}
      </Button>
    </>
  );
}
