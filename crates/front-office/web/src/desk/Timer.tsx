import { clockText } from "../app/format";
import { useSecond } from "../live/clock";

/** Time since an instant, in seconds since 1970; runs. */
export function Elapsed({ since }: { since: number | undefined }) {
  const now = useSecond();
  if (since === undefined) return null;
  return <time className="timer">{clockText(now - since)}</time>;
}

/** Time left until an instant; runs down to zero. */
export function Remaining({ until }: { until: number | undefined }) {
  const now = useSecond();
  if (until === undefined) return null;
  const left = until - now;
  return <time className={left <= 10 ? "timer pressing" : "timer"}>{clockText(left)}</time>;
}
