import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ReportTableSchema } from "../gen/caruso/monitor/v1/monitor_pb";
import { groupings } from "./query";
import { axisText, drawingOf, MOST_DRAWN, scaleOf } from "./scale";

function table(look: string, unit: string, rows: Array<[string, ...Array<bigint | undefined>]>) {
  return create(ReportTableSchema, {
    columns: [
      { id: "a", title: "A", unit },
      { id: "b", title: "B", unit },
    ],
    chart: { columns: ["a", "b"], look },
    rows: rows.map(([group, ...numbers], interval) => ({
      interval,
      label: `${interval}:00`,
      groups: [{ id: group, title: group }],
      values: numbers.map((number) => (number === undefined ? {} : { number })),
    })),
  });
}

test("bars on top of each other are scaled by their sum, beside each other by the highest", () => {
  const rows: Array<[string, bigint, bigint]> = [
    ["x", 4n, 7n],
    ["y", 2n, 1n],
  ];
  const scale = (look: string) => {
    const drawing = drawingOf(table(look, "", rows));
    return drawing && scaleOf(drawing);
  };
  expect(scale("stacked")).toEqual({ top: 15, step: 5 });
  expect(scale("bars")).toEqual({ top: 8, step: 2 });
});

test("a line joins intervals of one group; of several there are bars", () => {
  const look = (groups: string[]) =>
    drawingOf(table("lines", "s", groups.map((group) => [group, 1n, undefined])))?.look;
  expect(look(["x", "x"])).toBe("lines");
  expect(look(["x", "y"])).toBe("bars");
  expect(look(["x"])).toBe("bars");
});

test("what cannot be told apart is not drawn, nor is nothing", () => {
  const rows = (count: number) => Array.from({ length: count }, () => ["x", 1n, 1n] as const);
  const drawn = (count: number) => drawingOf(table("bars", "", rows(count).map((it) => [...it])));
  expect(drawn(MOST_DRAWN)).toBeDefined();
  expect(drawn(MOST_DRAWN + 1)).toBeUndefined();
  expect(drawn(0)).toBeUndefined();
});

test("the scale reads in the unit of its figures", () => {
  const minutes = drawingOf(table("bars", "s", [["x", 95_000n, undefined]]));
  expect(minutes && scaleOf(minutes)).toEqual({ top: 120_000, step: 30_000 });
  expect(axisText(90_000, "s")).toBe("1:30");
  expect(axisText(800, "%")).toBe("80 %");
  expect(axisText(15, "")).toBe("15");
});

test("rows are told apart by what all figures know, and by what they are now", () => {
  expect(groupings(["agent", "team"], "agent")).toEqual(["none", "agent", "team", "team agent"]);
  expect(groupings(["agent"], "team agent")).toEqual(["none", "agent", "team agent"]);
});
