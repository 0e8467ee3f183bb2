import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AgentState, Channel } from "../src/gen/caruso/contact/v1/contact_pb";
import {
  ListeningMode,
  type WatchFloorResponseSchema,
} from "../src/gen/caruso/contact/v1/supervision_pb";

type Floor = MessageInitShape<typeof WatchFloorResponseSchema>;

/** An agent who talks and to whom a supervisor listens, and a customer who waits. */
export function floor(now: number, supervisor: string): Floor {
  const ago = (seconds: number) => timestampFromMs(now - seconds * 1_000);
  return {
    at: timestampFromMs(now),
    agents: [
      {
        agent: "anna",
        displayName: "Anna de Wit",
        state: AgentState.TALKING,
        since: ago(42),
        isPhoneRegistered: true,
        contactId: "c1",
        callingNumber: "0612345678",
        queueTitle: "Faults",
        queueTitles: ["Faults"],
        listening: { supervisor, mode: ListeningMode.LISTEN },
      },
    ],
    contacts: [
      {
        contactId: "c2",
        callingNumber: "0612345679",
        channel: Channel.TELEPHONE,
        segment: "waiting",
        queue: "faults",
        queueTitle: "Faults",
        since: ago(90),
        place: 1,
        waiting: ["The customer has waited 90 s.", "Anna de Wit is busy."],
        priority: 2,
      },
    ],
    queues: [{ id: "faults", title: "Faults" }],
  };
}
