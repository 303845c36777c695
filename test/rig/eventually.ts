import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait and how often to ask. */
export interface Patience {
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 100 ms. */
  readonly everyMs?: number;
}

/**
 * Asks again and again until the answer is neither `undefined` nor `false`; a throw counts as "not yet".
 *
 * @param what - names what is waited for in the error
 * @throws when time is up, with the last error as its cause
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 60_000, everyMs = 100 }: Patience = {},
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      cause = error;
    }
    await sleep(everyMs);
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause });
}

/** Thrown by a question whose answer can no longer become true: ends the waiting at once. */
export class GiveUp extends Error {}
