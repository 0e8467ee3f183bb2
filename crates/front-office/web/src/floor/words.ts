import { timeText } from "../app/format";
import type { Imposed } from "../gen/caruso/contact/v1/contact_pb";
import { en } from "../messages";

/** By whom and when a state was set, and why where that was said. */
export function imposedText({ supervisor, at, words }: Imposed): string {
  const by = en.floor.imposedBy(supervisor, timeText(at));
  return words === "" ? by : `${by}: ${words}`;
}
