import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Contact, Segment } from "../gen/caruso/contact/v1/contact_pb";

/** Seconds a segment or contact lasted, until now where it still lasts. */
export function lengthOf(span: Pick<Segment, "startedAt" | "endedAt">, nowSeconds: number): number {
  if (!span.startedAt) return 0;
  const end = span.endedAt ? timestampMs(span.endedAt) / 1000 : nowSeconds;
  return Math.max(0, end - timestampMs(span.startedAt) / 1000);
}

/** Seconds from arrival to end, until now where it still lasts. */
export function contactLength(contact: Contact, nowSeconds: number): number {
  const { arrivedAt, endedAt } = contact;
  return lengthOf({ startedAt: arrivedAt, endedAt }, nowSeconds);
}

/**
 * Shares of the width for each length: in proportion, but none so small that it cannot be seen.
 *
 * @returns numbers of at least 4, to be used as relative widths
 */
export function widths(lengths: number[]): number[] {
  const whole = lengths.reduce((sum, length) => sum + length, 0) || 1;
  return lengths.map((length) => Math.max(4, Math.round((length / whole) * 100)));
}

/** The contact above or below the chosen one; the first when none is chosen. */
export function neighbour(
  contacts: Array<Pick<Contact, "contactId">>,
  chosen: string,
  step: 1 | -1,
): string {
  const index = contacts.findIndex(({ contactId }) => contactId === chosen);
  if (index < 0) return contacts[0]?.contactId ?? "";
  return contacts[index + step]?.contactId ?? chosen;
}
