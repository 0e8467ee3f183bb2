import type { ReportColumn, ReportRow } from "../gen/caruso/monitor/v1/monitor_pb";
import type { Option } from "../kit";
import { en } from "../messages";

/** What is asked of a report; what is left out is as the report has it. */
export interface Asked {
  report: string;
  first?: string;
  last?: string;
  interval?: string;
  by?: string;
  compare?: string;
  serviceLevel?: string;
  queues?: string[];
}

/** A figure whose contacts are shown; no row stands for the total. */
export interface Shown {
  column: ReportColumn;
  row: ReportRow | undefined;
}

/** Every application has it. */
export const STANDARD = "incoming-calls";
export const INTERVALS = ["none", "15m", "30m", "1h", "day", "week"];

/** Another report of the same days; all else is as that report has it. */
export function chosen(asked: Asked, report: string): Asked {
  const { first, last } = asked;
  return { report, ...(first ? { first } : {}), ...(last ? { last } : {}) };
}

const PAIRS = ["queue agent", "agent queue", "team agent", "queue channel"];

/** By what a report can be told apart, by one thing or two; with what it is told apart by now. */
export function groupings(dimensions: string[], now: string): string[] {
  const isKnown = (by: string) => by.split(" ").every((each) => dimensions.includes(each));
  const all = ["none", ...dimensions, ...PAIRS.filter(isKnown)];
  return all.includes(now) ? all : [...all, now];
}

export function titlesOf(ids: string[], titles: Record<string, string>): Option[] {
  return ids.map((id) => ({ id, title: titles[id] ?? id }));
}

/** What a row is about, in a line. */
export function nameOf(row: ReportRow | undefined): string {
  if (!row) return en.report.total;
  const parts = [row.label, ...row.groups.map(({ title }) => title)];
  return parts.filter((part) => part !== "").join(", ") || en.report.total;
}
