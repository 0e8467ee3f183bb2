import {
  type AgentStatus,
  AgentState,
  type CurrentContact,
} from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import type { View } from "../gen/caruso/script/v1/script_engine_pb";
import type { Tone } from "../kit";
import { en } from "../messages";
import { cameBy, isCall } from "../app/channel";
import { sentence } from "../app/api";
import { clockText, type Field, fieldsOf, secondOf, wordsOf } from "../app/format";

/** What the agent is in the middle of. */
export type Situation = "idle" | "offered" | "dialling" | "talking" | "wrap-up";

export function situationOf(status: AgentStatus | undefined): Situation {
  if (!status?.contact) return "idle";
  switch (status.state) {
    case AgentState.OFFERED:
      return "offered";
    case AgentState.DIALLING:
      return "dialling";
    case AgentState.TALKING:
      return "talking";
    case AgentState.WRAP_UP:
      return "wrap-up";
    default:
      return "idle";
  }
}

export function toneOf(state: AgentState | string | undefined): Tone {
  switch (state) {
    case AgentState.READY:
    case "ready":
      return "good";
    case AgentState.OFFERED:
    case "offered":
    case AgentState.DIALLING:
    case "dialling":
      return "call";
    case AgentState.TALKING:
    case "talking":
      return "busy";
    case AgentState.WRAP_UP:
    case "wrap-up":
      return "work";
    default:
      return "off";
  }
}

/** Title of a reason for being not ready; its id where nobody has given it one. */
export function reasonTitle(desk: WatchDeskResponse, reason: string): string {
  const own = desk.notReadyReasons.find(({ id }) => id === reason)?.title;
  return own ?? en.state.reasons[reason] ?? reason;
}

/** The agent's state in words, with the reason. */
export function stateText(desk: WatchDeskResponse): string {
  const { status } = desk;
  if (!status) return en.loading;
  if (status.state === AgentState.NOT_READY && status.reason) {
    return en.state.notReady(reasonTitle(desk, status.reason));
  }
  return en.state.names[status.state];
}

/** What follows the contact, where the agent has chosen something else than ready. */
export function nextText(desk: WatchDeskResponse): string {
  const { status } = desk;
  if (!status || status.nextState !== AgentState.NOT_READY) return "";
  const next = status.nextReason
    ? en.state.notReady(reasonTitle(desk, status.nextReason))
    : en.state.names[AgentState.NOT_READY];
  return en.state.after(next);
}

/** Who calls, in a few words. */
export function whoCalls(desk: WatchDeskResponse): string {
  const chosen = desk.customers.find(({ object }) => object?.key === desk.customerKey);
  if (chosen && desk.customerKey) return chosen.title;
  const [first, ...others] = desk.customers;
  if (first && others.length === 0) return first.title;
  if (first) return en.desk.severalCallers(desk.customers.length);
  const contact = desk.status?.contact;
  return contact?.callingNumber || cameBy(contact?.channel) || en.desk.unknownCaller;
}

/**
 * What was learned before the agent had the call, in words and in a fixed order; without what the
 * customer's record says anyway.
 */
export function handedOver(desk: WatchDeskResponse): Field[] {
  const attributes = Object.entries(desk.status?.contact?.attributes ?? {});
  const customer = desk.customers.find(({ object }) => object?.key === desk.customerKey);
  const record = customer?.object ? fieldsOf(customer.attributes, customer.object) : [];
  const isRecorded = ([label, text]: Field) =>
    record.some(([name, value]) => isSame(name, label) && isSame(value, text));
  return attributes
    .map(([name, value]): Field => [wordsOf(name), wordsOf(value)])
    .filter((field) => field[1] !== "" && !isRecorded(field))
    .sort(([one], [other]) => one.localeCompare(other));
}

function isSame(one: string, other: string): boolean {
  return one.localeCompare(other, undefined, { sensitivity: "accent" }) === 0;
}

/** What a screen reader is to say when one desk follows another; urgent where it cannot wait. */
export function announcementOf(
  before: WatchDeskResponse | undefined,
  after: WatchDeskResponse,
): { text: string; how: "urgent" | "calm" } | undefined {
  const was = situationOf(before?.status);
  const is = situationOf(after.status);
  const contact = after.status?.contact;
  if (is === "offered" && contact) {
    const isNew = was !== "offered" || before?.status?.contact?.contactId !== contact.contactId;
    // The name may come a moment after the offer; then it is said again, with the name.
    if (!isNew && before && whoCalls(before) === whoCalls(after)) return undefined;
    const start = secondOf(contact.queuedAt ?? contact.arrivedAt);
    const now = secondOf(after.at);
    const waited = clockText(start !== undefined && now !== undefined ? now - start : 0);
    const asks = contact.isConsulted ? contact.consultation?.agent : undefined;
    if (asks) return { text: en.consult.spokenAsked(asks, whoCalls(after)), how: "urgent" };
    const spoken = isToCallBack(after) ? en.callback.spoken : en.desk.spokenOffer;
    const text = spoken(whoCalls(after), contact.queueTitle, waited);
    return { text, how: "urgent" };
  }
  const refused = refusedText(before, after);
  if (refused) return { text: refused, how: "urgent" };
  const consulted = consultText(before, after);
  if (consulted) return { text: consulted, how: "calm" };
  const dialled = dialText(before, after);
  if (dialled) return { text: dialled, how: "calm" };
  const held = holdText(before, after);
  if (held) return { text: held, how: "calm" };
  if (is === was) {
    const isOther = before && stateText(before) !== stateText(after);
    return isOther ? { text: en.state.spoken(stateText(after)), how: "calm" } : undefined;
  }
  const isOnPhone = isCall(contact?.channel);
  if (is === "talking" && contact?.isConsulted) {
    return { text: en.consult.spokenTaken(contact.consultation?.agent ?? ""), how: "calm" };
  }
  if (is === "talking") {
    const spoken = isOnPhone ? en.desk.spokenConnected : en.desk.spokenAccepted;
    return { text: spoken(whoCalls(after)), how: "calm" };
  }
  if (is === "wrap-up" && contact?.takenOverBy) {
    return { text: partedText(contact), how: "urgent" };
  }
  if (is === "wrap-up" && contact?.isTransferred) return { text: en.transfer.spoken, how: "calm" };
  const outcome = outcomeOf(after);
  if (is === "wrap-up" && outcome) return { text: outcome, how: "urgent" };
  if (is === "wrap-up") {
    const closed = contact?.voicemail ? en.voicemail.spokenClosed : en.desk.spokenClosed;
    return { text: isOnPhone ? en.desk.spokenEnded : closed, how: "urgent" };
  }
  const missed = was === "offered" ? `${en.desk.spokenMissed} ` : "";
  return { text: `${missed}${en.state.spoken(stateText(after))}`, how: "calm" };
}

/** How the agent parted from a customer whom others have now; empty where the call is over. */
export function partedText({ isTransferred, takenOverBy }: CurrentContact): string {
  if (takenOverBy) return en.transfer.takenOver(takenOverBy);
  return isTransferred ? en.transfer.done : "";
}

/** Whether the agent is offered a customer who has hung up and is called when they answer. */
export function isToCallBack(desk: WatchDeskResponse): boolean {
  return situationOf(desk.status) === "offered" && desk.status?.contact?.callback !== undefined;
}

/** Whose telephone rings for a call that the agent makes. */
function dialText(before: WatchDeskResponse | undefined, after: WatchDeskResponse): string {
  if (situationOf(after.status) !== "dialling") return "";
  const wasDialling = situationOf(before?.status) === "dialling";
  const wasCalled = before?.status?.contact?.outbound?.calledAt !== undefined;
  const isCalled = after.status?.contact?.outbound?.calledAt !== undefined;
  if (isCalled) return wasDialling && wasCalled ? "" : en.dial.rings;
  return wasDialling ? "" : en.dial.spokenPickUp(whoCalls(after));
}

/** Why the agent's telephone could not call, once. */
function refusedText(before: WatchDeskResponse | undefined, after: WatchDeskResponse): string {
  const [was, is] = [before?.status?.refusedCall, after.status?.refusedCall];
  const isSame = was !== undefined && secondOf(was.at) === secondOf(is?.at);
  return is && !isSame ? `${en.dial.refused(is.number)}. ${sentence(is.reason)}` : "";
}

/** What became of a call that the agent made and nobody answered; empty for all else. */
export function outcomeOf(desk: WatchDeskResponse): string {
  const contact = desk.status?.contact;
  const isUnanswered = contact?.outbound && !contact.connectedAt && contact.endCause;
  return isUnanswered ? (en.dial.outcomes[contact.endCause] ?? "") : "";
}

/** What became of the colleague who is asked; of that colleague, that they have the customer. */
function consultText(before: WatchDeskResponse | undefined, after: WatchDeskResponse): string {
  const [was, is] = [before?.status?.contact, after.status?.contact];
  if (!was || !is || was.contactId !== is.contactId || situationOf(after.status) !== "talking") {
    return "";
  }
  const [wereThree, areThree] = [was, is].map((it) => it.consultation?.isConference === true);
  if (areThree && !wereThree) return en.consult.spokenThree;
  if (was.isConsulted && !is.isConsulted) return en.consult.spokenGiven(whoCalls(after));
  if (is.isConsulted) return "";
  const [asked, asks] = [was.consultation, is.consultation];
  if (!asked && asks) return en.consult.rings(asks.colleague);
  if (asked && !asks) return en.consult.gone(asked.colleague);
  return asks?.answeredAt && !asked?.answeredAt ? en.consult.here(asks.colleague) : "";
}

/** That the customer is on hold, or no longer, where the call goes on. */
function holdText(before: WatchDeskResponse | undefined, after: WatchDeskResponse): string {
  const isHeld = after.status?.contact?.hold !== undefined;
  const wasHeld = before?.status?.contact?.hold !== undefined;
  if (situationOf(after.status) !== "talking" || isHeld === wasHeld) return "";
  return isHeld ? en.desk.spokenHeld : en.desk.spokenRetrieved;
}

/** The view that is further on, of the stream's and the one an answer brought. */
export function newestView(
  streamed: View | undefined,
  answered: View | undefined,
): View | undefined {
  if (!streamed || !answered || answered.sessionId !== streamed.sessionId) return streamed;
  return answered.sequence > streamed.sequence ? answered : streamed;
}

/** Seconds of wrap-up left at which it is said. */
const SPOKEN_SECONDS = [30, 10];

/** What is said about a deadline when a second passes; empty for most seconds. */
export function deadlineWarning(left: number): string {
  return SPOKEN_SECONDS.includes(left) ? en.desk.spokenWrapUp(left) : "";
}
