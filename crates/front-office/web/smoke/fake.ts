import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AgentState } from "../src/gen/caruso/contact/v1/contact_pb";
import { Desk, type WatchDeskResponseSchema } from "../src/gen/caruso/desk/v1/desk_pb";
import { Role, type UserSchema } from "../src/gen/caruso/identity/v1/identity_pb";
import { abandoned, components, contacts, status } from "./figures";
import { floor } from "./floor";
import { behind, reports, table } from "./reports";

export type DeskInit = MessageInitShape<typeof WatchDeskResponseSchema>;

const USERS: Record<string, MessageInitShape<typeof UserSchema>> = {
  anna: { name: "anna", displayName: "Anna de Wit", roles: [Role.AGENT], extension: "101" },
  sofie: { name: "sofie", displayName: "Sofie Mulder", roles: [Role.SUPERVISOR] },
  ada: { name: "ada", displayName: "Ada Bos", roles: [Role.ADMINISTRATOR] },
  tess: { name: "tess", displayName: "Tess Visser", roles: [Role.AGENT, Role.SUPERVISOR] },
};

export const REASONS = [
  { id: "break", title: "Break" },
  { id: "meeting", title: "Meeting" },
  { id: "admin", title: "Paperwork" },
];

/** A desk server without anything behind it: tests say what it shows and see what it was told. */
export class FakeDesk {
  /** What the pages asked for, as "method value". */
  readonly told: string[] = [];
  isStatusStale = false;
  /** What a check says against every answer without a reason; empty for nothing. */
  doubt = "";
  /** Why no answer is taken; empty where it is. */
  refusal = "";
  /** The answers of a page that are refused without a reason, by step. */
  refused: Record<string, { code: string; text: string }> = {};
  private user: string | undefined;
  private desk: DeskInit = idle(AgentState.NOT_READY);
  private readonly watchers = new Set<() => void>();
  private sequence = 0n;

  /** Shows another desk to every page that watches. */
  show(desk: DeskInit): void {
    this.desk = desk;
    for (const wake of this.watchers) wake();
  }

  logOutEverybody(): void {
    this.user = undefined;
  }

  private session() {
    const user = this.user && USERS[this.user];
    if (!user) throw new ConnectError("no session", Code.Unauthenticated);
    return { user, token: "token" };
  }

  readonly routes = (router: ConnectRouter): void => {
    const note = (text: string) => {
      this.told.push(text);
      return {};
    };
    const self = this;
    router.service(Desk, {
      logIn: ({ user, password }) => {
        if (password !== "demo") throw new ConnectError("wrong", Code.Unauthenticated);
        this.user = user;
        return this.session();
      },
      resume: () => this.session(),
      logOut: () => {
        this.user = undefined;
        return {};
      },
      setState: ({ isReady, reason }) => {
        this.show(idle(isReady ? AgentState.READY : AgentState.NOT_READY, reason));
        return note(`setState ${isReady} ${reason}`);
      },
      takeUp: ({ contactId }) => note(`takeUp ${contactId}`),
      decline: ({ contactId }) => note(`decline ${contactId}`),
      callBack: ({ contactId }) => note(`callBack ${contactId}`),
      listAbandoned: () => ({ entries: abandoned(Date.now()) }),
      listComponents: () => components(),
      hangUp: ({ contactId }) => note(`hangUp ${contactId}`),
      hold: ({ contactId }) => note(`hold ${contactId}`),
      retrieve: ({ contactId }) => note(`retrieve ${contactId}`),
      listDestinations: () => ({
        queues: [{ id: "moving", title: "Moving house", agentsReady: 1 }],
        agents: [
          { name: "bram", displayName: "Bram Jansen", extension: "102", state: AgentState.READY },
          { name: "cees", displayName: "Cees Smit", extension: "103", state: AgentState.TALKING },
        ],
        outside: [{ id: "grid", title: "Grid operator" }],
      }),
      transfer: ({ to, note: text }) => note(`transfer ${to.case} ${to.value} ${text}`),
      consult: ({ asked, note: text, scriptSession }) =>
        note(`consult ${asked.case} ${asked.value} ${text} ${scriptSession}`),
      completeConsultation: ({ contactId }) => note(`complete ${contactId}`),
      confer: ({ contactId }) => note(`confer ${contactId}`),
      endConsultation: ({ contactId }) => note(`end ${contactId}`),
      chooseCustomer: ({ customerKey }) => note(`chooseCustomer ${customerKey}`),
      dispose: ({ disposition, note: text }) => note(`dispose ${disposition} ${text}`),
      answer: ({ step, row, value, special, overrideReason }) => {
        if (this.doubt && !overrideReason) throw new ConnectError(this.doubt, Code.OutOfRange);
        if (this.refusal) throw new ConnectError(this.refusal, Code.InvalidArgument);
        const extra = `${special || ""}${overrideReason ? ` because ${overrideReason}` : ""}`;
        const place = row ? `${step} of ${row}` : step;
        return note(`answer ${place} ${value}${extra}`);
      },
      interrupt: ({ interrupt }) => note(`interrupt ${interrupt}`),
      answerPage: ({ page, row, answers }) => {
        const refused = answers
          .filter(({ step, overrideReason }) => step in this.refused && overrideReason === "")
          .map(({ step }) => ({ step, ...this.refused[step] }));
        if (refused.length > 0) return { refused };
        const given = answers.map(({ step, value, special, overrideReason }) => {
          const extra = `${special || ""}${overrideReason ? ` because ${overrideReason}` : ""}`;
          return `${step}=${value}${extra}`;
        });
        return note(`page ${row ? `${page} of ${row}` : page}: ${given.join(", ")}`);
      },
      async *watchDesk(_request, { signal }) {
        while (!signal.aborted) {
          self.sequence += 1n;
          const now = { sequence: self.sequence, at: timestampFromMs(Date.now()) };
          yield Object.assign({}, self.desk, now);
          await self.change(signal);
        }
      },
      async *watchStatus(_request, { signal }) {
        yield { status: status(Date.now(), self.isStatusStale) };
        await self.change(signal);
      },
      async *watchFloor(_request, { signal }) {
        yield { floor: floor(Date.now(), self.user ?? ""), notReadyReasons: REASONS };
        await self.change(signal);
      },
      takeOver: ({ contactId }) => note(`takeOver ${contactId}`),
      setPriority: ({ contactId, priority }) => note(`setPriority ${contactId} ${priority}`),
      listReports: () => reports(),
      runReport: ({ query }) => {
        if (!query) throw new ConnectError("no query", Code.InvalidArgument);
        return table(query);
      },
      listReportContacts: ({ of }) => behind(of),
      exportReport: ({ of }) => {
        note(`exportReport ${of?.format} ${of?.query?.compare}`);
        const content = new TextEncoder().encode("Queue,Offered\r\nFaults,10\r\n");
        return { file: { fileName: "incoming-calls.csv", mediaType: "text/csv", content } };
      },
      listContacts: () => ({
        contacts: contacts(Date.now()),
        queueTitles: { faults: "Faults" },
        dispositionTitles: { "fault-reported": "Fault reported" },
      }),
    });
  };

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.watchers.delete(wake);
        resolve();
      };
      this.watchers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}

/** A desk between two contacts. */
export function idle(state: AgentState, reason = ""): DeskInit {
  return {
    status: {
      agent: "anna",
      state,
      reason,
      since: timestampFromMs(Date.now() - 95_000),
      isPhoneRegistered: true,
    },
    notReadyReasons: REASONS,
    hasDemo: true,
    demoNumbers: ["0305550100", "+31305550100"],
  };
}
