import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { addressOf } from "../app/location";
import { isAgent } from "../app/session";
import { useShortcut } from "../app/shortcuts";
import { AgentState } from "../gen/caruso/contact/v1/contact_pb";
import { type FloorAgent, ListeningMode } from "../gen/caruso/contact/v1/supervision_pb";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { Button } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";

const MODES = [ListeningMode.LISTEN, ListeningMode.WHISPER, ListeningMode.BARGE] as const;
const OPTIONS = { timeoutMs: 3_000 };

/** Listens to an agent who talks, whispers, barges in, or stops; says who else listens. */
export function ListeningSwitch({ agent, user }: { agent: FloorAgent; user: User }) {
  const command = useCommand();
  const { contactId, displayName, listening } = agent;
  if (agent.state !== AgentState.TALKING) return null;
  if (listening && listening.supervisor !== user.name) {
    return <small>{en.floor.listensToo(listening.supervisor)}</small>;
  }
  const set = async (mode: ListeningMode) => {
    const isDone = await command.run(() => client.listen({ contactId, mode }, OPTIONS));
    if (isDone) announce(listening ? en.floor.modes[mode] : en.floor.spokenRings);
  };
  const stop = () => void command.run(() => client.stopListening({ contactId }, OPTIONS));
  return (
    <span className="row listening" role="group" aria-label={en.floor.listeningTo(displayName)}>
      {MODES.map((mode) => (
        <Button
          key={mode}
          size="small"
          isPressed={listening?.mode === mode}
          isPending={command.isPending}
          onPress={() => void set(mode)}
        >
          {en.floor.modes[mode]}
        </Button>
      ))}
      {listening ? (
        <Button size="small" look="quiet" onPress={stop}>
          {listening.isRinging ? en.floor.stopRinging : en.floor.stopListening}
        </Button>
      ) : null}
      {listening && !listening.isRinging && isAgent(user) ? <TakeOver agent={agent} /> : null}
      {command.problem ? <small className="problem">{command.problem}</small> : null}
    </span>
  );
}

/** Goes on with the customer in the agent's place, at the supervisor's own desk. */
function TakeOver({ agent: { contactId, displayName } }: { agent: FloorAgent }) {
  const command = useCommand();
  const take = async () => {
    if (await command.run(() => client.takeOver({ contactId }, OPTIONS))) {
      announce(en.floor.spokenTakenOver);
      window.location.hash = addressOf("desk");
    }
  };
  useShortcut("Alt+K", en.floor.takeOverFrom(displayName), () => void take());
  return (
    <>
      <Button size="small" keys="Alt+K" isPending={command.isPending} onPress={() => void take()}>
        {en.floor.takeOver}
      </Button>
      {command.problem ? <small className="problem">{command.problem}</small> : null}
    </>
  );
}
