import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  ListReportContactsRequest,
  ReportQuery,
  ReportRowSchema,
  ReportTableSchema,
} from "../src/gen/caruso/monitor/v1/monitor_pb";

const LEVELS = ["SL-answered", "SL-negative", "SL-short-excluded"];

export function reports() {
  const queues = { interval: "none", by: ["queue"], dimensions: ["queue", "agent", "team"] };
  const compare = "none";
  return {
    reports: {
      reports: [
        {
          id: "agent-availability",
          title: "Agent availability",
          interval: "none",
          by: ["agent"],
          dimensions: ["agent", "team"],
          compare,
        },
        {
          id: "incoming-calls",
          title: "Incoming calls",
          ...queues,
          compare,
          serviceLevel: "SL-short-excluded",
        },
      ],
      queues: [
        { id: "faults", title: "Faults" },
        { id: "moving", title: "Moving house" },
      ],
      serviceLevels: LEVELS.map((id) => ({ id, title: id, definition: "A_T / A" })),
    },
  };
}

type Row = MessageInitShape<typeof ReportRowSchema>;

type Told = [text: string, number?: bigint];

function row(interval: number, group: [string, string] | undefined, figures: Told[]) {
  const values = figures.map(([text, number]) => ({
    text,
    ...(number === undefined ? {} : { number }),
  }));
  const groups = group ? [{ id: group[0], title: group[1] }] : [];
  return { interval, groups, values, label: "" } satisfies Row;
}

const COLUMNS = [
  column("offered", "Offered", "", "O: stays in a queue that began; O = A + B + F + W"),
  column("answered", "Answered", "", "A: an agent answered"),
  column("abandoned", "Abandoned", "", "B: the customer hung up while waiting"),
  column("service-level", "Service level", "%", "A_T / (A + B − B_s); T = 20 s; s = 5 s"),
  column("ASA", "Average speed of answer", "s", "Σ wait of the answered / A"),
];

function column(id: string, title: string, unit: string, formula: string) {
  const figure = id === "service-level" ? "SL-short-excluded" : id;
  return { id, title, unit, figure, definition: `${figure}: ${formula}`, hasContacts: true };
}

function rowsOf(query: ReportQuery): Row[] {
  const queues: Array<[string, string]> = [
    ["faults", "Faults"],
    ["moving", "Moving house"],
  ];
  const hours = query.interval === "1h" ? [9, 10, 11, 12] : [undefined];
  return hours.flatMap((hour, interval) =>
    queues.map((queue, index) => {
      const answered = BigInt(8 + index * 3 - interval);
      const shown = row(interval, queue, [
        [String(answered + 2n), answered + 2n],
        [String(answered), answered],
        ["2", 2n],
        ["78.0 %", 780n],
        ["0:14", 14_000n],
      ]);
      const compared = query.compare === "week" ? shown.values : [];
      return { ...shown, compared, label: hour === undefined ? "" : `${hour}:00` };
    }),
  );
}

export function table(query: ReportQuery) {
  const first = query.first || "2026-11-22";
  const agents = query.report === "agent-availability";
  const times: Array<[string, bigint]> = [
    ["4:10:00", 15_000_000n],
    ["2:05:00", 7_500_000n],
    ["35:20", 2_120_000n],
  ];
  const rows = agents ? [row(0, ["anna", "Anna de Wit"], times)] : rowsOf(query);
  const columns = agents
    ? ["Signed in", "Ready", "Not ready"].map((title, index) => ({
        id: `time-${index}`,
        title,
        unit: "s",
        definition: `${title}: Σ time`,
      }))
    : COLUMNS;
  const total = agents
    ? row(0, undefined, times)
    : row(0, undefined, [
        ["23", 23n],
        ["19", 19n],
        ["4", 4n],
        ["78.0 %", 780n],
        ["0:14", 14_000n],
      ]);
  const shown: MessageInitShape<typeof ReportTableSchema> = {
    report: query.report,
    title: agents ? "Agent availability" : "Incoming calls",
    caption: `${agents ? "Agent availability" : "Incoming calls"}, ${first} (Europe/Amsterdam)`,
    zone: "Europe/Amsterdam",
    first,
    last: query.last || first,
    interval: query.interval || "none",
    by: (query.by || (agents ? "agent" : "queue")).split(" "),
    compare: query.compare || "none",
    serviceLevel: agents ? "" : query.serviceLevel || "SL-short-excluded",
    columns,
    rows,
    total: { ...total, compared: query.compare === "week" ? total.values : [] },
    chart: {
      columns: agents ? ["time-1", "time-2"] : ["answered", "abandoned"],
      look: "stacked",
    },
  };
  return { table: shown };
}

export function behind(of: ListReportContactsRequest | undefined) {
  const at = timestampFromMs(Date.parse("2026-11-22T09:14:05Z"));
  const contact = { at, queueTitle: "Faults", agentName: "Anna de Wit", contactId: "019a-1" };
  const time = of?.column === "ASA" ? "0:14" : "";
  return { contacts: { contacts: [{ ...contact, time }, { ...contact, time }], count: 2 } };
}
