import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AgentState, ListDestinationsResponseSchema } from "../gen/caruso/contact/v1/contact_pb";
import { destinationOf, optionsOf } from "./destinations";

const agent = (name: string, state: AgentState) => ({
  name,
  displayName: `Agent ${name}`,
  extension: "102",
  state,
});
const destinations = create(ListDestinationsResponseSchema, {
  queues: [{ id: "moving", title: "Moving house", agentsReady: 1 }],
  agents: [agent("bram", AgentState.READY), agent("cees", AgentState.TALKING)],
  outside: [{ id: "grid", title: "Grid operator" }],
});

test("queues, ready colleagues and outside numbers can be chosen, by a part of the name", () => {
  const ids = (text: string) => optionsOf(destinations, text).map(({ id }) => id);
  expect(ids("")).toEqual(["queue moving", "agent bram", "outside grid"]);
  expect(ids("outside")).toEqual(["outside grid"]);
  expect(ids(" BRAM")).toEqual(["agent bram"]);
  expect(ids("102")).toEqual(["agent bram"]);
  expect(ids("cees")).toEqual([]);
});

test("a choice is the destination that is asked for", () => {
  expect(destinationOf("queue moving")).toEqual({ case: "queue", value: "moving" });
  expect(destinationOf("outside grid")).toEqual({ case: "outside", value: "grid" });
  expect(destinationOf("agent a b")).toEqual({ case: "agent", value: "a b" });
});
