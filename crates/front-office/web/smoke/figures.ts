import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListComponentsResponseSchema } from "../src/gen/caruso/desk/v1/desk_pb";
import { ComponentState } from "../src/gen/caruso/registry/v1/registry_pb";
import type { AbandonedSchema } from "../src/gen/caruso/contact/v1/abandoned_pb";

/** A moment before now, in seconds. */
const ago = (now: number, seconds: number) => timestampFromMs(now - seconds * 1000);

export function status(now: number, isStale: boolean) {
  return {
    at: ago(now, isStale ? 75 : 0),
    isStale,
    queues: [
      {
        queue: "faults",
        title: "Faults",
        waiting: 3,
        longestWaitingSince: ago(now, 142),
        agentsReady: 0,
        offeredToday: 48,
        answeredToday: 41,
        abandonedToday: 4,
      },
      {
        queue: "moving",
        title: "Moving house",
        agentsReady: 1,
        offeredToday: 12,
        answeredToday: 12,
      },
      { queue: "other", title: "Other questions", agentsReady: 1 },
    ],
    agents: [
      { agent: "anna", displayName: "Anna de Wit", state: "talking", since: ago(now, 312) },
      { agent: "bram", displayName: "Bram Visser", state: "wrap-up", since: ago(now, 21) },
      { agent: "carla", displayName: "Carla Bos", state: "ready", since: ago(now, 4) },
      {
        agent: "dirk",
        displayName: "Dirk van der Heijden",
        state: "not-ready",
        reason: "Break",
        since: ago(now, 4021),
      },
      { agent: "els", displayName: "Els Kuiper", state: "offered", since: ago(now, 6) },
      { agent: "frank", displayName: "Frank Smit", state: "signed-out", since: ago(now, 40_000) },
    ],
    contacts: [
      {
        contactId: "1",
        callingNumber: "+31612345678",
        segment: "with-agent",
        queue: "faults",
        agent: "anna",
        since: ago(now, 312),
      },
      {
        contactId: "2",
        callingNumber: "+31201234567",
        segment: "waiting",
        queue: "faults",
        since: ago(now, 142),
      },
      { contactId: "3", callingNumber: "", segment: "ivr", since: ago(now, 7) },
    ],
  };
}

export function contacts(now: number) {
  const why = [
    "Anna is in team Faults, which serves this queue.",
    "Anna has been ready longest: 4 minutes 12 seconds.",
  ];
  const handled = (id: string, minutes: number, number: string, disposition: string) => {
    const start = minutes * 60;
    return {
      contactId: id,
      callingNumber: number,
      calledNumber: "0305550100",
      queue: "faults",
      agent: "anna",
      customerKey: "C100042",
      disposition,
      note: "Power is back in the street; the fuse of the customer was off.",
      arrivedAt: ago(now, start),
      endedAt: ago(now, start - 300),
      endCause: "customer hung up",
      transfers: [{ agent: "Bram Jansen", at: ago(now, start - 60), note: "Asks for Anna" }],
      segments: [
        { kind: "ivr", startedAt: ago(now, start), endedAt: ago(now, start - 14) },
        {
          kind: "waiting",
          queue: "faults",
          startedAt: ago(now, start - 14),
          endedAt: ago(now, start - 61),
        },
        {
          kind: "offered",
          queue: "faults",
          agent: "anna",
          startedAt: ago(now, start - 61),
          endedAt: ago(now, start - 66),
          endCause: "answered",
        },
        {
          kind: "with-agent",
          queue: "faults",
          agent: "anna",
          startedAt: ago(now, start - 66),
          endedAt: ago(now, start - 200),
          endCause: "held",
        },
        {
          kind: "on-hold",
          queue: "faults",
          agent: "anna",
          startedAt: ago(now, start - 200),
          endedAt: ago(now, start - 270),
          endCause: "hung-up",
        },
        {
          kind: "wrap-up",
          queue: "faults",
          agent: "anna",
          startedAt: ago(now, start - 270),
          endedAt: ago(now, start - 300),
        },
      ],
      offers: [
        {
          agent: "bram",
          offeredAt: ago(now, start - 40),
          outcome: "no answer",
          why: [why[0] ?? ""],
        },
        { agent: "anna", offeredAt: ago(now, start - 61), outcome: "answered", why },
      ],
    };
  };
  return [
    handled("019a-1", 8, "+31612345678", "fault-reported"),
    handled("019a-2", 31, "+31687654321", "question-answered"),
    handled("019a-3", 64, "", "no-result"),
    {
      contactId: "019a-4",
      callingNumber: "+31201234567",
      calledNumber: "0305550100",
      queue: "faults",
      arrivedAt: ago(now, 100),
      segments: [{ kind: "ivr", startedAt: ago(now, 100) }],
      offers: [],
    },
  ];
}

/** Two who hung up; a colleague calls the second one. */
export function abandoned(now: number): Array<MessageInitShape<typeof AbandonedSchema>> {
  const entry = (contactId: string, number: string, minutes: number) => ({
    contactId,
    number,
    queue: "faults",
    queueTitle: "Faults",
    hungUpAt: timestampFromMs(now - minutes * 60_000),
    waited: { seconds: 75n },
    times: 1,
    canCallBack: true,
  });
  const tried = { attempts: 2, triedAt: timestampFromMs(now - 60_000) };
  return [
    entry("019a-7", "+31612345678", 5),
    { ...entry("019a-8", "+31687654321", 9), ...tried, callingAgent: "Bram Jansen" },
  ];
}

/** A company's components: one is silent, one refuses the release, one stands by. */
export function components(): MessageInitShape<typeof ListComponentsResponseSchema> {
  const release = "sha256:68961759f445";
  const offers = (...interfaces: string[]) =>
    interfaces.map((each) => ({ id: each, interface: each, level: 1 }));
  const used = (instance: string, calls: bigint, failures: bigint) => ({
    outcome: { method: "/a.v1.A/B", instance, calls, failures, microseconds: calls * 1_400n },
  });
  const one = { version: "0.1.0", state: ComponentState.SERVING, releaseDigest: release };
  return {
    isDevelopment: true,
    releaseDigest: release,
    components: [
      {
        ...one,
        component: "storage-manager",
        instance: "1",
        offers: offers("caruso.storage.v1.StorageManager"),
      },
      { ...one, component: "storage-manager", instance: "2", state: ComponentState.STANDBY },
      {
        ...one,
        component: "erp",
        instance: "3",
        state: ComponentState.SUSPECT,
        releaseDigest: "",
        releaseRefusals: ["application.xml declares no wrapper `erp`"],
        offers: offers("caruso.wrapper.v1.Actions", "caruso.wrapper.v1.Objects"),
      },
      { component: "command-line", instance: "4", version: "0.1.0", state: ComponentState.SERVING },
      {
        ...one,
        component: "script-engine",
        instance: "5",
        offers: offers("caruso.script.v1.ScriptEngine").map((offer) => ({
          ...offer,
          finding: "10.0.0.9:4711 cannot be reached",
        })),
        uses: [used("1", 1_284n, 0n), used("3", 31n, 4n)],
      },
    ],
  };
}
