const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/**
 * How long to wait before the next attempt, in milliseconds: doubling from 250 ms to 8 s, of which
 * a random half is taken off so that many browsers do not return in the same instant.
 *
 * @param attempt 0 for the first attempt after a failure
 * @param random from 0 up to, not including, 1
 */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full * (1 - random / 2));
}
