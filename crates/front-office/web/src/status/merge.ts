import { equals, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import {
  AgentStatusSchema,
  ContactStatusSchema,
  QueueStatusSchema,
  type WatchStatusResponse,
} from "../gen/caruso/monitor/v1/monitor_pb";

/**
 * The new status, with every row that did not change being the object it was before, so that its
 * memoised table row is not drawn again.
 */
export function mergeStatus(
  before: WatchStatusResponse | undefined,
  after: WatchStatusResponse,
): WatchStatusResponse {
  if (!before) return after;
  return {
    ...after,
    queues: keep(QueueStatusSchema, before.queues, after.queues, (row) => row.queue),
    agents: keep(AgentStatusSchema, before.agents, after.agents, (row) => row.agent),
    contacts: keep(ContactStatusSchema, before.contacts, after.contacts, (row) => row.contactId),
  };
}

function keep<D extends DescMessage>(
  schema: D,
  before: Array<MessageShape<D>>,
  after: Array<MessageShape<D>>,
  keyOf: (row: MessageShape<D>) => string,
): Array<MessageShape<D>> {
  const known = new Map(before.map((row) => [keyOf(row), row]));
  return after.map((row) => {
    const old = known.get(keyOf(row));
    return old && equals(schema, old, row) ? old : row;
  });
}
