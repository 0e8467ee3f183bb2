import type { IncomingCallsRow } from "../gen/caruso/monitor/v1/monitor_pb";

const COUNTS = ["offered", "answered", "abandoned", "flowedOut", "stillWaiting"] as const;

export type Totals = Record<(typeof COUNTS)[number], number>;

/** Sums of the counts. Averages and shares have no sum. */
export function totalsOf(rows: IncomingCallsRow[]): Totals {
  const sum = (count: (typeof COUNTS)[number]) =>
    rows.reduce((total, row) => total + row[count], 0);
  return {
    offered: sum("offered"),
    answered: sum("answered"),
    abandoned: sum("abandoned"),
    flowedOut: sum("flowedOut"),
    stillWaiting: sum("stillWaiting"),
  };
}

/** The rows in which something happened. */
export function rowsWithCalls(rows: IncomingCallsRow[]): IncomingCallsRow[] {
  return rows.filter((row) => COUNTS.some((count) => row[count] > 0));
}
