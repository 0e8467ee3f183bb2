import {
  type AgentDestination,
  AgentState,
  type QueueDestination,
} from "../gen/caruso/contact/v1/contact_pb";
import type { Option } from "../kit";
import { en } from "../messages";

/** Where a contact can be passed on to. */
export interface Destinations {
  queues: QueueDestination[];
  agents: AgentDestination[];
}

/** More are found by typing a part of the name. */
const MOST_SHOWN = 12;

/**
 * The destinations whose name or extension has the text in it: queues, then colleagues who are
 * ready. Nobody else can be chosen.
 */
export function optionsOf({ queues, agents }: Destinations, text: string): Option[] {
  const wanted = text.trim().toLocaleLowerCase();
  const ready = agents.filter(({ state }) => state === AgentState.READY);
  const all = [
    ...queues.map(({ id, title, agentsReady }) => ({
      id: `queue ${id}`,
      title: en.transfer.queue(title, agentsReady),
    })),
    ...ready.map(({ name, displayName, extension }) => ({
      id: `agent ${name}`,
      title: en.transfer.agent(displayName, extension),
    })),
  ];
  return all.filter(({ title }) => title.toLocaleLowerCase().includes(wanted)).slice(0, MOST_SHOWN);
}

/** The destination that was chosen, as the request has it. */
export function destinationOf(option: string) {
  const [kind = "", ...rest] = option.split(" ");
  const value = rest.join(" ");
  return kind === "queue" ? { case: "queue" as const, value } : { case: "agent" as const, value };
}
