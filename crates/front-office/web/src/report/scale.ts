import { clockText } from "../app/format";
import type { ReportRow, ReportTable } from "../gen/caruso/monitor/v1/monitor_pb";
import { nameOf } from "./query";

/** More than these cannot be told apart. */
export const MOST_DRAWN = 100;

export interface Series {
  id: string;
  title: string;
  /** One for each row; nothing where there is nothing to compute. */
  values: Array<number | undefined>;
}

export interface Drawing {
  look: "bars" | "stacked" | "lines";
  /** What each row is called. */
  names: string[];
  series: Series[];
  unit: string;
}

/** What a table's chart draws; nothing where it has none, or too many rows. */
export function drawingOf(table: ReportTable): Drawing | undefined {
  const { chart, rows } = table;
  if (!chart || rows.length === 0 || rows.length > MOST_DRAWN) return undefined;
  const columns = chart.columns.flatMap((id) => {
    const index = table.columns.findIndex((column) => column.id === id);
    const column = table.columns[index];
    return column ? [{ column, index }] : [];
  });
  const series = columns.map(({ column, index }) => ({
    id: column.id,
    title: column.title,
    values: rows.map((row) => numberOf(row, index)),
  }));
  const look = chart.look === "stacked" || chart.look === "bars" ? chart.look : lines(table);
  return { look, series, names: rows.map(nameOf), unit: columns[0]?.column.unit ?? "" };
}

/** A line leads from one interval to the next: where rows are of several groups, there is none. */
function lines(table: ReportTable): "lines" | "bars" {
  const groups = new Set(table.rows.map(({ groups }) => groups.map(({ id }) => id).join(" ")));
  return groups.size === 1 && table.rows.length > 1 ? "lines" : "bars";
}

function numberOf(row: ReportRow, index: number): number | undefined {
  const number = row.values[index]?.number;
  return number === undefined ? undefined : Number(number);
}

/** The top of the scale, and the step between its lines: round numbers of the unit. */
export function scaleOf({ look, series, unit }: Drawing): { top: number; step: number } {
  const rows = series[0]?.values.length ?? 0;
  const sum = (row: number) => series.reduce((all, each) => all + (each.values[row] ?? 0), 0);
  const most = (row: number) => Math.max(0, ...series.map((each) => each.values[row] ?? 0));
  const topOf = look === "stacked" ? sum : most;
  const tops = Array.from({ length: rows }, (_, row) => topOf(row));
  const highest = Math.max(1, ...tops);
  const steps = unit === "s" ? TIMES : unit === "%" ? SHARES : COUNTS;
  const step = steps.find((each) => highest / each <= 5) ?? highest / 4;
  return { top: Math.ceil(highest / step) * step, step };
}

const powers = Array.from({ length: 9 }, (_, power) => 10 ** power);
const COUNTS = powers.flatMap((power) => [power, 2 * power, 5 * power]);
/** Tenths of a per cent. */
const SHARES = [20, 50, 100, 200];
/** Milliseconds. */
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000]
  .concat(powers.map((power) => 72_000 * power))
  .map((seconds) => seconds * 1000);

export function axisText(value: number, unit: string): string {
  if (unit === "s") return clockText(value / 1000);
  return unit === "%" ? `${value / 10} %` : String(value);
}
