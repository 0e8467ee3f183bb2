import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { AgentState, Channel } from "../gen/caruso/contact/v1/contact_pb";
import { WatchDeskResponseSchema } from "../gen/caruso/desk/v1/desk_pb";
import { ViewSchema } from "../gen/caruso/script/v1/script_engine_pb";
import {
  announcementOf,
  handedOver,
  isToCallBack,
  newestView,
  nextText,
  situationOf,
  stateText,
  whoCalls,
} from "./situation";

const contact = {
  contactId: "c1",
  callingNumber: "+31612345678",
  queueTitle: "Faults",
  queuedAt: timestampFromMs(20_000),
};
const jansen = { title: "Ms Jansen", object: { class: "customer", key: "k1" } };
const smit = { title: "Mr Smit", object: { class: "customer", key: "k2" } };

type Init = MessageInitShape<typeof WatchDeskResponseSchema>;

function desk(state: AgentState, more: Partial<Init> = {}) {
  const isBusy = state >= AgentState.OFFERED;
  const init: Init = {
    status: isBusy ? { state, contact } : { state },
    at: timestampFromMs(60_000),
    notReadyReasons: [{ id: "break", title: "Break" }],
  };
  return create(WatchDeskResponseSchema, Object.assign(init, more));
}

test("the situation is what the agent is in the middle of", () => {
  expect(situationOf(undefined)).toBe("idle");
  expect(situationOf(desk(AgentState.READY).status)).toBe("idle");
  expect(situationOf(desk(AgentState.OFFERED).status)).toBe("offered");
  expect(situationOf(desk(AgentState.WRAP_UP).status)).toBe("wrap-up");
});

test("why the telephone could not call is said once, whatever goes on", () => {
  const refusedCall = {
    number: "0900 1234567",
    reason: "numbers of this destination may not be called",
    at: timestampFromMs(50_000),
  };
  const refused = desk(AgentState.READY, { status: { state: AgentState.READY, refusedCall } });
  const said = announcementOf(desk(AgentState.READY), refused);
  expect(said?.how).toBe("urgent");
  expect(said?.text).toBe(
    "Your telephone could not call 0900 1234567. Numbers of this destination may not be called.",
  );
  expect(announcementOf(refused, refused)).toBeUndefined();
});

test("what was learned before is shown in words, but not what the record says", () => {
  const attributes = { topic: "power-cut", segment: "household", language: "" };
  const record = {
    title: "Ms Jansen",
    object: {
      class: "customer",
      key: "k1",
      attributes: { segment: { kind: { case: "choice" as const, value: "household" } } },
    },
    attributes: [
      {
        name: "segment",
        label: "Segment",
        type: "choice",
        values: [{ name: "household", label: "Household" }],
      },
    ],
  };
  const status = { state: AgentState.TALKING, contact: { ...contact, attributes } };
  const known = desk(AgentState.TALKING, { status, customers: [record], customerKey: "k1" });
  expect(handedOver(known)).toEqual([["Topic", "Power cut"]]);
  expect(handedOver(desk(AgentState.TALKING, { status }))).toEqual([
    ["Segment", "Household"],
    ["Topic", "Power cut"],
  ]);
});

test("a reason of the system has words of its own", () => {
  const status = { state: AgentState.NOT_READY, reason: "wrap-up-overdue" };
  expect(stateText(desk(AgentState.NOT_READY, { status }))).toBe(
    "Not ready: the result was not given in time",
  );
});

test("not ready is named with its reason, also as what comes next", () => {
  const paused = desk(AgentState.NOT_READY, {
    status: { state: AgentState.NOT_READY, reason: "break" },
  });
  expect(stateText(paused)).toBe("Not ready: Break");
  const talking = desk(AgentState.TALKING, {
    status: { state: AgentState.TALKING, nextState: AgentState.NOT_READY, nextReason: "break" },
  });
  expect(nextText(talking)).toBe("Then: Not ready: Break");
  expect(nextText(desk(AgentState.TALKING))).toBe("");
});

test("who calls is the customer, the number, or one of several", () => {
  expect(whoCalls(desk(AgentState.OFFERED))).toBe("+31612345678");
  expect(whoCalls(desk(AgentState.OFFERED, { customers: [jansen] }))).toBe("Ms Jansen");
  const shared = { customers: [jansen, smit] };
  expect(whoCalls(desk(AgentState.OFFERED, shared))).toBe("One of 2 customers");
  expect(whoCalls(desk(AgentState.OFFERED, { ...shared, customerKey: "k2" }))).toBe("Mr Smit");
});

test("an offer is said at once, and again when the name is known", () => {
  const ready = desk(AgentState.READY);
  const unnamed = desk(AgentState.OFFERED, { late: ["customers"] });
  const named = desk(AgentState.OFFERED, { customers: [jansen] });
  expect(announcementOf(ready, unnamed)).toEqual({
    text: "Incoming contact: Faults. +31612345678. Waited 0:40.",
    how: "urgent",
  });
  expect(announcementOf(unnamed, named)?.text).toContain("Ms Jansen");
  expect(announcementOf(named, named)).toBeUndefined();
});

test("the end of a call and a missed offer are said", () => {
  const talking = desk(AgentState.TALKING);
  expect(announcementOf(talking, desk(AgentState.WRAP_UP))?.how).toBe("urgent");
  const missed = announcementOf(desk(AgentState.OFFERED), desk(AgentState.NOT_READY));
  expect(missed?.text).toBe("The offer is over. You are now: Not ready.");
});

test("it is said when the customer is on hold and when no longer", () => {
  const hold = { since: timestampFromMs(50_000) };
  const held = desk(AgentState.TALKING, {
    status: { state: AgentState.TALKING, contact: Object.assign({}, contact, { hold }) },
  });
  const talking = desk(AgentState.TALKING);
  expect(announcementOf(talking, held)?.text).toBe("The customer is on hold.");
  expect(announcementOf(held, held)).toBeUndefined();
  expect(announcementOf(held, talking)?.text).toBe("You talk with the customer again.");
  expect(announcementOf(held, desk(AgentState.WRAP_UP))?.text).toBe(
    "The call has ended. Wrap-up.",
  );
});

test("who has transferred the customer hears so, and not that the call has ended", () => {
  const own = { ...contact, isTransferred: true };
  const after = desk(AgentState.WRAP_UP, {
    status: { state: AgentState.WRAP_UP, contact: own },
  });
  const spoken = announcementOf(desk(AgentState.TALKING), after);
  expect(spoken).toEqual({ text: "You have transferred the customer. Wrap-up.", how: "calm" });
});

test("from whom a supervisor took the customer over hears so at once, with the name", () => {
  const own = { ...contact, isTransferred: true, takenOverBy: "Sofie Bakker" };
  const after = desk(AgentState.WRAP_UP, {
    status: { state: AgentState.WRAP_UP, contact: own },
  });
  const text = "Sofie Bakker has taken the customer over from you.";
  expect(announcementOf(desk(AgentState.TALKING), after)).toEqual({ text, how: "urgent" });
});

test("an answer's view is shown until the stream has caught up, in its own session", () => {
  const view = (sessionId: string, sequence: bigint) => create(ViewSchema, { sessionId, sequence });
  const streamed = view("s", 3n);
  const answered = view("s", 4n);
  expect(newestView(streamed, answered)).toBe(answered);
  expect(newestView(view("s", 5n), answered)?.sequence).toBe(5n);
  expect(newestView(view("t", 1n), answered)?.sessionId).toBe("t");
  expect(newestView(undefined, answered)).toBeUndefined();
});

test("a conversation on the web is named, taken and closed without a phone", () => {
  const onTheWeb = { ...contact, callingNumber: "", channel: Channel.WEB };
  const at = (state: AgentState) => desk(state, { status: { state, contact: onTheWeb } });
  expect(whoCalls(at(AgentState.OFFERED))).toBe("On the web");
  const ready = desk(AgentState.READY);
  const offer = announcementOf(ready, at(AgentState.OFFERED));
  expect(offer?.text).toBe("Incoming contact: Faults. On the web. Waited 0:40.");
  const accepted = announcementOf(at(AgentState.OFFERED), at(AgentState.TALKING));
  expect(accepted?.text).toBe("Accepted: On the web.");
  const closed = announcementOf(at(AgentState.TALKING), at(AgentState.WRAP_UP));
  expect(closed?.text).toBe("The conversation is closed. Wrap-up.");
});

test("what becomes of a colleague who is asked is said, on both desks", () => {
  const talking = (more: object) => {
    const status = { state: AgentState.TALKING, contact: { ...contact, ...more } };
    return desk(AgentState.TALKING, { status });
  };
  const names = { agent: "Anna de Vries", colleague: "Bram Jansen" };
  const alone = talking({});
  const rings = talking({ consultation: names });
  const here = talking({ consultation: { ...names, answeredAt: timestampFromMs(50_000) } });
  expect(announcementOf(alone, rings)?.text).toBe("Bram Jansen's telephone rings.");
  expect(announcementOf(rings, here)?.text).toBe("Bram Jansen is on the line.");
  expect(announcementOf(here, alone)?.text).toBe("Bram Jansen is no longer on the line.");
  expect(announcementOf(here, here)).toBeUndefined();
  const three = talking({ consultation: { ...names, isConference: true } });
  expect(announcementOf(here, three)?.text).toBe("All three hear each other.");
  const asked = { consultation: names, isConsulted: true };
  const status = { state: AgentState.OFFERED, contact: { ...contact, ...asked } };
  const offered = desk(AgentState.OFFERED, { status, customers: [jansen], customerKey: "k1" });
  const spoken = announcementOf(desk(AgentState.READY), offered);
  expect(spoken).toEqual({ text: "Anna de Vries asks you about Ms Jansen.", how: "urgent" });
  expect(announcementOf(offered, talking(asked))?.text).toBe("Connected with Anna de Vries.");
  const given = announcementOf(talking(asked), alone)?.text;
  expect(given).toBe("You have the customer now: +31612345678.");
});

test("a customer who is to be called back is announced as one", () => {
  const callback = { attempts: 1 };
  const status = { state: AgentState.OFFERED, contact: { ...contact, callback } };
  const offered = desk(AgentState.OFFERED, { status });
  expect(isToCallBack(offered)).toBe(true);
  const said = announcementOf(desk(AgentState.READY), offered);
  expect(said).toEqual({
    text: "To be called back: +31612345678, Faults, waiting for 0:40. Answer, and they are called.",
    how: "urgent",
  });
  const talking = desk(AgentState.TALKING, { status: { ...status, state: AgentState.TALKING } });
  expect(isToCallBack(talking)).toBe(false);
  expect(isToCallBack(desk(AgentState.OFFERED))).toBe(false);
});

test("a message is named, taken and closed without a phone", () => {
  const message = { ...contact, channel: Channel.VOICEMAIL, voicemail: { canCallBack: true } };
  const at = (state: AgentState) => desk(state, { status: { state, contact: message } });
  expect(whoCalls(at(AgentState.OFFERED))).toBe("+31612345678");
  const accepted = announcementOf(at(AgentState.OFFERED), at(AgentState.TALKING));
  expect(accepted?.text).toBe("Accepted: +31612345678.");
  const closed = announcementOf(at(AgentState.TALKING), at(AgentState.WRAP_UP));
  expect(closed?.text).toBe("The message is closed. Wrap-up.");
  const calls = announcementOf(at(AgentState.TALKING), desk(AgentState.DIALLING));
  expect(calls?.text).toBe("Your telephone rings for the call to +31612345678.");
});
