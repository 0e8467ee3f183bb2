import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { IncomingCallsRowSchema } from "../gen/caruso/monitor/v1/monitor_pb";
import { rowsWithCalls, totalsOf } from "./totals";

const row = (offered: number, answered: number, abandoned: number, stillWaiting = 0) =>
  create(IncomingCallsRowSchema, { offered, answered, abandoned, stillWaiting });

test("the totals keep the identity of the rows", () => {
  const totals = totalsOf([row(5, 3, 1, 1), row(2, 2, 0)]);
  const { offered, answered, abandoned, flowedOut, stillWaiting } = totals;
  expect(offered).toBe(7);
  expect(answered + abandoned + flowedOut + stillWaiting).toBe(offered);
});

test("hours in which nothing happened are left out", () => {
  expect(rowsWithCalls([row(0, 0, 0), row(1, 1, 0)])).toHaveLength(1);
});
