import { Code, ConnectError } from "@connectrpc/connect";
import { backoff } from "./backoff";

/** Where a stream stands, as the page shows it. */
export type Link = "connecting" | "live" | "lost";

/** Nothing heard for this long: the connection is dead. The server speaks every 5 s. */
const SILENCE_MS = 12_000;

interface Following<T> {
  open: (signal: AbortSignal) => AsyncIterable<T>;
  onMessage: (message: T) => void;
  onLink: (link: Link) => void;
  /** Takes up the session again after the token ran out; false only when it is over. */
  renew: () => Promise<boolean>;
}

/** Follows a stream, also when it breaks, until the function that it returns is called. */
export function follow<T>(following: Following<T>): () => void {
  const stop = new AbortController();
  void run(following, stop.signal);
  return () => stop.abort();
}

async function run<T>(following: Following<T>, stopped: AbortSignal): Promise<void> {
  let attempt = 0;
  let isRenewed = false;
  following.onLink("connecting");
  while (!stopped.aborted) {
    const failure = await once(following, stopped, () => {
      attempt = 0;
      isRenewed = false;
      following.onLink("live");
    });
    if (stopped.aborted) return;
    if (failure?.code === Code.Unauthenticated && !isRenewed) {
      if (!(await following.renew())) return;
      isRenewed = true;
      continue;
    }
    following.onLink("lost");
    await pause(backoff(attempt, Math.random()), stopped);
    attempt += 1;
  }
}

async function once<T>(
  { open, onMessage }: Following<T>,
  stopped: AbortSignal,
  onSign: () => void,
): Promise<ConnectError | undefined> {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  stopped.addEventListener("abort", abort, { once: true });
  let watchdog = window.setTimeout(abort, SILENCE_MS);
  try {
    for await (const message of open(attempt.signal)) {
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(abort, SILENCE_MS);
      onSign();
      onMessage(message);
    }
    return undefined;
  } catch (error) {
    return ConnectError.from(error);
  } finally {
    window.clearTimeout(watchdog);
    stopped.removeEventListener("abort", abort);
  }
}

function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(done, milliseconds);
    function done() {
      window.clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    }
    stopped.addEventListener("abort", done);
    window.addEventListener("online", done);
  });
}
