import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AgentState, Channel } from "../src/gen/caruso/contact/v1/contact_pb";
import {
  ActionState,
  PromptRole,
  type QuestionSchema,
  QuestionType,
  SpecialAnswer,
} from "../src/gen/caruso/script/v1/script_engine_pb";
import { type DeskInit, REASONS } from "./fake";

const now = Date.now();
const ago = (seconds: number) => timestampFromMs(now - seconds * 1000);
const text = (value: string) => ({ kind: { case: "text" as const, value } });
const date = (value: string) => ({ kind: { case: "date" as const, value } });
const choice = (value: string) => ({ kind: { case: "choice" as const, value } });
const attribute = (name: string, label: string, type = "text") => ({ name, label, type });

const contact = {
  contactId: "019a-5",
  callingNumber: "+31612345678",
  calledNumber: "+31305550100",
  queue: "faults",
  queueTitle: "Faults",
  script: "fault",
  attributes: { topic: "fault", language: "en" },
  arrivedAt: ago(151),
  queuedAt: ago(137),
  why: [
    "You serve the queue Faults in team Faults.",
    "You have been ready longest of 2 agents: 4 min 12 s.",
  ],
  dispositions: [
    { id: "fault-reported", title: "Fault reported" },
    { id: "answered", title: "Question answered" },
    { id: "no-result", title: "No result" },
  ],
};

const attributes = [
  attribute("number", "Customer number"),
  attribute("name", "Name"),
  attribute("street", "Street"),
  attribute("city", "City"),
  attribute("email", "E-mail"),
  attribute("since", "Customer since", "date"),
  { ...attribute("tariff", "Tariff", "choice"), values: [{ name: "green", label: "Green fixed" }] },
];

const jansen = {
  title: "Ms Jansen, Utrecht",
  attributes,
  object: {
    class: "customer",
    key: "C100042",
    attributes: {
      number: text("C100042"),
      name: text("Petronella Jansen-van den Broek"),
      street: text("Oudegracht 231"),
      city: text("3511 NK Utrecht"),
      email: text("p.jansen.vandenbroek@example.org"),
      since: date("2019-04-01"),
      tariff: choice("green"),
    },
  },
  related: [
    {
      class: "connection",
      label: "Connections",
      attributes: [
        attribute("ean", "EAN code"),
        attribute("product", "Product"),
        attribute("state", "State"),
      ],
      objects: [
        {
          class: "connection",
          key: "1",
          attributes: {
            ean: text("871687120054321098"),
            product: text("Electricity"),
            state: text("In use"),
          },
        },
        {
          class: "connection",
          key: "2",
          attributes: {
            ean: text("871687120054321104"),
            product: text("Gas"),
            state: text("In use"),
          },
        },
      ],
    },
    {
      class: "interaction",
      label: "Interactions",
      attributes: [attribute("on", "Date", "date"), attribute("summary", "Summary")],
      objects: ["2026-10-03", "2026-08-19", "2026-05-02", "2026-01-15", "2025-11-30"].map(
        (day, index) => ({
          class: "interaction",
          key: `${index}`,
          attributes: { on: date(day), summary: text("Question about the yearly bill") },
        }),
      ),
    },
    {
      class: "fault_report",
      label: "Fault reports",
      attributes: [attribute("number", "Number")],
      objects: [],
    },
  ],
};

const smit = {
  title: "Mr Smit, Utrecht",
  attributes,
  object: { class: "customer", key: "C100043", attributes: { number: text("C100043") } },
};

function desk(state: AgentState, more: Partial<DeskInit>, secondsLeft?: number): DeskInit {
  const isOffered = state === AgentState.OFFERED;
  const init: DeskInit = {
    status: {
      agent: "anna",
      state,
      since: ago(state === AgentState.TALKING ? 93 : 6),
      isPhoneRegistered: true,
      contact: isOffered ? contact : { ...contact, connectedAt: ago(93) },
      ...(secondsLeft ? { deadline: timestampFromMs(Date.now() + secondsLeft * 1000) } : {}),
    },
    notReadyReasons: REASONS,
    hasDemo: true,
    demoNumbers: ["0305550100", "+31305550100"],
  };
  return Object.assign(init, more);
}

const choices = [
  { value: "none", label: "No power at all" },
  { value: "part", label: "Part of the house" },
  { value: "smell", label: "Smell of gas" },
];
const asked = { type: QuestionType.CHOICE, choices, isRequired: true };

const trail = [
  { step: "kind", question: "What is the fault?", value: "none", label: "No power at all", asked },
  {
    step: "neighbours",
    question: "Do the neighbours have power?",
    value: "false",
    label: "No",
    asked: { type: QuestionType.YES_NO, isRequired: true },
  },
];

export const offered = () =>
  desk(AgentState.OFFERED, { customers: [jansen], customerKey: "C100042" }, 15);

export const unknown = desk(AgentState.OFFERED, { late: ["customers"] });

export const shared = desk(AgentState.TALKING, {
  customers: [jansen, smit],
  script: undefined,
});

export const asking = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 1n,
    scriptTitle: "Report a fault",
    step: "kind",
    prompts: [
      {
        role: PromptRole.SAY,
        text: "Ms Jansen, what do you notice? Is the whole house without power?",
      },
      { role: PromptRole.NOTE, text: "A smell of gas goes before everything: choose it at once." },
    ],
    state: { case: "question", value: asked },
  },
});

/** A customer who has been on hold for longer than the reminder allows. */
export function held(isByTelephone: boolean): DeskInit {
  const hold = { since: ago(75), reminderAt: ago(15), isByTelephone };
  const onHold = { ...contact, connectedAt: ago(93), hold };
  return desk(AgentState.TALKING, { status: { state: AgentState.TALKING, contact: onHold } });
}

/** An offer that a colleague passed on. */
/** A message that the customer left; nothing can be played of it where it is gone. */
export function message(isGone: boolean): DeskInit {
  const contactId = isGone ? "gone" : "019a-5";
  const voicemail = {
    length: { seconds: 24n },
    leftAt: timestampFromMs(Date.now() - 600_000),
    keepUntil: timestampFromMs(Date.now() + 86_400_000),
    canCallBack: true,
  };
  const left = { ...contact, contactId, channel: Channel.VOICEMAIL, voicemail };
  return desk(AgentState.TALKING, { status: { state: AgentState.TALKING, contact: left } });
}

/** A message in hand, and what is laid aside for it. */
export function several(): DeskInit {
  const laidAside = [
    {
      contactId: "019a-8",
      callingNumber: "+31687654321",
      queueTitle: "Moving house",
      channel: Channel.WEB,
      connectedAt: ago(610),
    },
    {
      contactId: "019a-9",
      callingNumber: "",
      queueTitle: "Faults",
      channel: Channel.MESSAGE,
      connectedAt: ago(95),
    },
  ];
  const written = { ...contact, channel: Channel.WEB, connectedAt: ago(30) };
  return desk(AgentState.TALKING, {
    status: { state: AgentState.TALKING, contact: written, laidAside },
  });
}

export function transferred(agent: string, note: string): DeskInit {
  const taken = { ...contact, transfers: [{ agent, note, at: ago(5) }] };
  return desk(AgentState.OFFERED, { status: { state: AgentState.OFFERED, contact: taken } });
}

/** The customer is on hold and a colleague asked, whose phone rings or who is on the line. */
export function consulting(isAnswered: boolean): DeskInit {
  const consultation = {
    agent: "Anna de Vries",
    colleague: "Bram Jansen",
    askedAt: ago(9),
    note: "Which meter is it?",
    ...(isAnswered ? { answeredAt: ago(4) } : {}),
  };
  const hold = { since: ago(9), reminderAt: timestampFromMs(now + 51_000) };
  const asking = { ...contact, connectedAt: ago(30), hold, consultation };
  return desk(AgentState.TALKING, { status: { state: AgentState.TALKING, contact: asking } });
}

/** A colleague asks, with the script that is on their desk. */
export function consulted(state: AgentState): DeskInit {
  const consultation = {
    agent: "Bram Jansen",
    colleague: "Anna de Vries",
    askedAt: ago(3),
    note: "Which meter is it?",
    ...(state === AgentState.TALKING ? { answeredAt: ago(1) } : {}),
  };
  const why = ["Bram Jansen asks you."];
  const theirs = { ...contact, why, consultation, isConsulted: true };
  const { script } = typing as { script: NonNullable<DeskInit["script"]> };
  return desk(state, { status: { state, contact: theirs }, script });
}

export const typing = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 3n,
    scriptTitle: "Report a fault",
    step: "remark",
    prompts: [{ role: PromptRole.SAY, text: "Is there anything that our fitter should know?" }],
    state: { case: "question", value: { type: QuestionType.TEXT } },
    trail,
  },
});

const METER_NUMBER = { type: QuestionType.DIGITS, isRequired: true, minimum: "4", maximum: "12" };

const meter = (row: string, title: string, value: string) => {
  const label = value === "true" ? "0815" : "";
  const head = { step: "meters/row", row, isRow: true, question: title, value };
  const answered = { step: "meter", row, question: "Its number?", value: label, label };
  const rows = [{ ...head, asked: { type: QuestionType.YES_NO } }];
  return value === "true" ? [...rows, { ...answered, asked: METER_NUMBER }] : rows;
};

/** Of three meters that were added, the second was removed. */
export const rows = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 9n,
    scriptTitle: "Meter reading",
    section: "Other meters",
    fewestQuestionsLeft: 2,
    step: "meter",
    row: "3",
    rowTitle: "Meter 3",
    prompts: [{ role: PromptRole.SAY, text: "Which number stands on the meter?" }],
    state: { case: "question", value: { ...METER_NUMBER } },
    trail: [
      ...meter("1", "Meter 1", "true"),
      ...meter("2", "Meter 2", "false"),
      { step: "meters/row", row: "3", isRow: true, question: "Meter 3", value: "true" },
    ],
  },
});

/** The order is with the ERP, and could be taken back; the letter could not. */
export const correctable = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 6n,
    scriptTitle: "Report a fault",
    step: "ordered",
    prompts: [{ role: PromptRole.SAY, text: "An engineer has the order, number SO-10002." }],
    state: { case: "information", value: {} },
    trail: trail.map((each) => ({ ...each, undone: ["Service order"], kept: ["Letter"] })),
    actions: [
      { name: "Service order", state: ActionState.UNDONE, result: "SO-10001 is cancelled." },
      { name: "Fault report", state: ActionState.NOT_UNDONE, result: "It was changed meanwhile." },
      { name: "Service order", state: ActionState.CONFIRMED, result: "Service order SO-10002" },
      { name: "Letter", state: ActionState.UNDOING, result: "" },
    ],
  },
});

const specials = [
  { special: SpecialAnswer.DONT_KNOW, label: "don't know" },
  { special: SpecialAnswer.REFUSED, label: "does not say" },
];

/** A script that asks this. */
export const questioning = (text: string, question: MessageInitShape<typeof QuestionSchema>) =>
  desk(AgentState.TALKING, {
    customers: [jansen],
    customerKey: "C100042",
    script: {
      sessionId: "s1",
      sequence: 3n,
      scriptTitle: "Final bill",
      step: QuestionType[question.type ?? QuestionType.TEXT],
      prompts: [{ role: PromptRole.SAY, text }],
      state: { case: "question", value: question },
      trail: [
        ...trail,
        {
          step: "age",
          question: "Since when do you live there?",
          label: "does not say",
          special: SpecialAnswer.REFUSED,
          asked: { type: QuestionType.DATE, specials },
        },
        {
          step: "reading",
          question: "What did the meter say?",
          value: "250000.5",
          label: "250000.5",
          overrideReason: "it is a bakery",
          asked: { type: QuestionType.DECIMAL },
        },
      ],
    },
  });

export const reading = questioning("What does the meter say today?", {
  type: QuestionType.DECIMAL,
  minimum: "0",
  maximum: "9999999",
  decimals: 3,
  isRequired: true,
  specials,
});

/** Every other question with a field, with an answer that fits. */
export const fields: Array<[string, MessageInitShape<typeof QuestionSchema>, string, string]> = [
  ["How much is it?", { type: QuestionType.MONEY, currency: "EUR", decimals: 2 }, "12,50", "12.50"],
  ["At what time?", { type: QuestionType.TIME }, "14:30", "14:30"],
  ["When exactly?", { type: QuestionType.INSTANT }, "2026-12-01T14:30", "2026-12-01T14:30"],
  ["Your number?", { type: QuestionType.PHONE }, "030-5550142", "030-5550142"],
  ["Your address?", { type: QuestionType.EMAIL }, "a@example.org", "a@example.org"],
  ["Your account?", { type: QuestionType.IBAN }, "NL91ABNA0417164300", "NL91ABNA0417164300"],
  ["Its number?", { type: QuestionType.DIGITS, minimum: "4", maximum: "8" }, "00 123", "00123"],
];

const media = [
  { value: "electricity", label: "Electricity" },
  { value: "gas", label: "Gas" },
  { value: "heat", label: "District heating" },
];

export const multiple = questioning("What do you get from us?", {
  type: QuestionType.MULTIPLE,
  choices: media,
  minimum: "1",
  maximum: "3",
  isRequired: true,
  specials,
});

export const ranking = questioning("What matters most to you?", {
  type: QuestionType.RANKING,
  choices: media,
  minimum: "3",
  maximum: "3",
  isRequired: true,
});

export const consent = questioning(
  "May we send you the bill by e-mail from now on? You can take that back at any time.",
  { type: QuestionType.CONSENT, isRequired: true },
);

export const scale = questioning("How content are you with us?", {
  type: QuestionType.SCALE,
  minimum: "1",
  maximum: "5",
  lowest: "not at all",
  highest: "very",
  isRequired: true,
  specials,
});

export const wrapUp = () => {
  const ended: Partial<DeskInit> = {
    customers: [jansen],
    customerKey: "C100042",
    script: {
      sessionId: "s1",
      sequence: 5n,
      scriptTitle: "Report a fault",
      step: "done",
      prompts: [
        { role: PromptRole.SAY, text: "Your report is F-2026-00318. A fitter comes today." },
      ],
      state: { case: "end", value: { outcome: "Fault reported" } },
      trail: [
        ...trail.map((each) => ({ ...each, lockedBecause: "the order is with the ERP" })),
        {
          step: "remark",
          question: "Anything the fitter should know?",
          value: "The meter is in the cellar; ring twice, the bell is weak.",
          label: "",
          asked: { type: QuestionType.TEXT },
        },
      ],
      actions: [
        { name: "Fault report", state: ActionState.CONFIRMED, result: "F-2026-00318 written" },
        { name: "Service order", state: ActionState.QUEUED, result: "" },
        { name: "Confirmation by e-mail", state: ActionState.FAILED, result: "No mail server" },
      ],
    },
  };
  return desk(AgentState.WRAP_UP, ended, 48);
};

const say = (text: string) => [{ role: PromptRole.SAY, text }];

/** A page of four questions, the first of which was answered before. */
export const paged = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 4n,
    scriptTitle: "Moving in",
    step: "house_number",
    prompts: say("And the house number?"),
    state: { case: "question", value: { type: QuestionType.TEXT, isRequired: true } },
    page: {
      id: "address",
      prompts: say("Where is the new home?"),
      questions: [
        {
          step: "city",
          prompts: say("Which town?"),
          question: { type: QuestionType.TEXT, isRequired: true },
          before: { step: "city", page: "address", question: "Which town?", value: "Baarn" },
        },
        {
          step: "house_number",
          prompts: [
            ...say("And the house number?"),
            { role: PromptRole.NOTE, text: "With letter or addition, as 12 B." },
          ],
          question: { type: QuestionType.INTEGER, isRequired: true, minimum: "1", maximum: "9999" },
        },
        {
          step: "kind",
          prompts: say("What kind of home is it?"),
          question: {
            type: QuestionType.CHOICE,
            isRequired: true,
            choices: [
              { value: "flat", label: "A flat" },
              { value: "house", label: "A house" },
            ],
            specials,
          },
        },
        {
          step: "media",
          prompts: say("What shall we supply?"),
          question: {
            type: QuestionType.MULTIPLE,
            isRequired: true,
            choices: media,
            minimum: "1",
            maximum: "3",
            specials,
          },
        },
      ],
    },
    trail: [
      ...trail,
      {
        step: "city",
        page: "address",
        question: "Which town?",
        value: "Baarn",
        label: "Baarn",
        asked: { type: QuestionType.TEXT, isRequired: true },
      },
    ],
  },
});

const grade = (step: string, text: string) => ({
  step: `service/${step}`,
  prompts: say(text),
  question: {
    type: QuestionType.SCALE,
    isRequired: true,
    minimum: "1",
    maximum: "5",
    lowest: "badly",
    highest: "well",
    specials: specials.slice(0, 1),
  },
});

/** The same question about three things. */
export const matrix = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 4n,
    scriptTitle: "Satisfaction survey",
    step: "service/friendly",
    prompts: [...say("How did we do?"), ...say("Friendliness")],
    state: { case: "question", value: { type: QuestionType.SCALE, isRequired: true } },
    page: {
      id: "service",
      prompts: say("How did we do?"),
      questions: [
        grade("friendly", "Friendliness"),
        grade("fast", "Speed"),
        grade("clear", "Clear words"),
      ],
      isMatrix: true,
    },
    trail,
  },
});

/** A question during which something else may come up. */
export const interruptible = desk(AgentState.TALKING, {
  customers: [jansen],
  customerKey: "C100042",
  script: {
    sessionId: "s1",
    sequence: 4n,
    scriptTitle: "Report a fault",
    step: "description",
    prompts: say("Can you tell me a little more about it?"),
    state: { case: "question", value: { type: QuestionType.YES_NO, isRequired: true } },
    interrupts: [
      { id: "complaint", title: "Complaint" },
      { id: "call_back", title: "Wants to be called back" },
    ],
    trail,
  },
});
