import { sentence } from "../app/api";
import type { RefusedCall as Refused } from "../gen/caruso/contact/v1/calling_pb";
import { Notice } from "../kit";
import { en } from "../messages";

/** Why the agent's telephone could not call: a telephone itself says little more than that. */
export function RefusedCall({ call }: { call: Refused | undefined }) {
  if (!call) return null;
  return (
    <Notice tone="bad" title={en.dial.refused(call.number)}>
      {sentence(call.reason)}
    </Notice>
  );
}
