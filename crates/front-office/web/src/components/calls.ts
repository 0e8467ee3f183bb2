import type { Component } from "../gen/caruso/registry/v1/registry_pb";

/** What others say of calls to an instance. */
export interface Calls {
  calls: number;
  failures: number;
  /** Milliseconds until an answer began, on average. */
  mean: number;
}

/** By instance; of those whom nobody has called there is nothing. */
export function callsByInstance(components: Component[]): Map<string, Calls> {
  const sums = new Map<string, { calls: number; failures: number; microseconds: number }>();
  for (const { outcome } of components.flatMap(({ uses }) => uses)) {
    if (!outcome) continue;
    const sum = sums.get(outcome.instance) ?? { calls: 0, failures: 0, microseconds: 0 };
    sum.calls += Number(outcome.calls);
    sum.failures += Number(outcome.failures);
    sum.microseconds += Number(outcome.microseconds);
    sums.set(outcome.instance, sum);
  }
  const calls = [...sums].map(([instance, { calls, failures, microseconds }]) => {
    const mean = microseconds / Math.max(calls, 1) / 1_000;
    return [instance, { calls, failures, mean }] as const;
  });
  return new Map(calls);
}

/** By name, and of one name those that serve first. */
export function inOrder(components: Component[]): Component[] {
  const isIdle = ({ offers }: Component) => (offers.length > 0 ? 0 : 1);
  return [...components].sort(
    (a, b) => a.component.localeCompare(b.component) || isIdle(a) - isIdle(b),
  );
}
