import { useSyncExternalStore } from "react";

/** How many of the latest observations the offset is taken from. */
const KEPT = 20;

/**
 * The server's clock as seen from here. A message arrives some time after it was stamped, so the
 * observation with the smallest difference is the best one.
 */
export class ServerClock {
  private differences: number[] = [];

  /** Both in milliseconds since 1970. */
  observe(serverTime: number, localTime: number): void {
    this.differences.push(localTime - serverTime);
    if (this.differences.length > KEPT) this.differences.shift();
  }

  /** The server's time now; the local time until something was observed. */
  now(localTime: number): number {
    if (this.differences.length === 0) return localTime;
    return localTime - Math.min(...this.differences);
  }
}

export const serverClock = new ServerClock();

const listeners = new Set<() => void>();
let second = Math.floor(Date.now() / 1000);
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    second = Math.floor(serverClock.now(Date.now()) / 1000);
    for (const each of listeners) each();
  }, 250);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time in whole seconds since 1970; one ticker for the whole page. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, () => second);
}
