import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { WatchStatusResponseSchema } from "../gen/caruso/monitor/v1/monitor_pb";
import { mergeStatus } from "./merge";

test("rows that did not change stay the same object, others do not", () => {
  const status = (waiting: number) =>
    create(WatchStatusResponseSchema, {
      queues: [{ queue: "faults", waiting }, { queue: "moving" }],
      agents: [{ agent: "anna", state: "ready" }],
    });
  const before = status(1);
  const after = mergeStatus(before, status(2));
  expect(after.queues[0]?.waiting).toBe(2);
  expect(after.queues[0]).not.toBe(before.queues[0]);
  expect(after.queues[1]).toBe(before.queues[1]);
  expect(after.agents[0]).toBe(before.agents[0]);
  expect(mergeStatus(undefined, before)).toBe(before);
});
