import type { OutsideDestination } from "../gen/caruso/contact/v1/calling_pb";
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
  outside: OutsideDestination[];
}

/** More are found by typing a part of the name. */
const MOST_SHOWN = 12;

/**
 * The destinations whose name or extension has the text in it: queues, then colleagues who are
 * ready, then outside numbers. Nobody else can be chosen.
 */
export function optionsOf({ queues, agents, outside }: Destinations, text: string): Option[] {
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
    ...outside.map(({ id, title }) => ({
      id: `outside ${id}`,
      title: en.transfer.outside(title),
    })),
  ];
  return all.filter(({ title }) => title.toLocaleLowerCase().includes(wanted)).slice(0, MOST_SHOWN);
}

/** The destination that was chosen, as the request has it. */
export function destinationOf(option: string) {
  const [kind = "", ...rest] = option.split(" ");
  const value = rest.join(" ");
  switch (kind) {
    case "queue":
      return { case: "queue" as const, value };
    case "outside":
      return { case: "outside" as const, value };
    default:
      return { case: "agent" as const, value };
  }
}
