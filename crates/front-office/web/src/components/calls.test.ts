import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ComponentSchema } from "../gen/caruso/registry/v1/registry_pb";
import { callsByInstance, inOrder } from "./calls";

const told = (instance: string, calls: bigint, failures: bigint, microseconds: bigint) => ({
  component: "x",
  outcome: { method: "/a.v1.A/B", instance, calls, failures, microseconds },
});

test("what several say of one instance is put together", () => {
  const components = [
    create(ComponentSchema, { uses: [told("i", 3n, 1n, 3_000n), told("j", 1n, 0n, 500n)] }),
    create(ComponentSchema, { uses: [told("i", 1n, 0n, 5_000n)] }),
  ];
  const calls = callsByInstance(components);
  expect(calls.get("i")).toEqual({ calls: 4, failures: 1, mean: 2 });
  expect(calls.get("j")).toEqual({ calls: 1, failures: 0, mean: 0.5 });
  expect(calls.get("k")).toBeUndefined();
});

test("who serves stands before who stands by", () => {
  const of = (component: string, instance: string, offers: number) =>
    create(ComponentSchema, {
      component,
      instance,
      offers: Array.from({ length: offers }, () => ({ interface: "a.v1.A" })),
    });
  const ordered = inOrder([of("b", "1", 0), of("b", "2", 1), of("a", "3", 0)]);
  expect(ordered.map(({ instance }) => instance)).toEqual(["3", "2", "1"]);
});
