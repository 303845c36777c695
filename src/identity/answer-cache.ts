import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface AnswerCacheOptions {
  readonly ttlMs: number;
  readonly maxEntries: number;
  /** Milliseconds; any origin. */
  readonly now: () => number;
}

/**
 * Keeps answers for a short while, and asks once for what several ask at the same time. A failure is
 * no answer: it is told to those who wait for it, and not kept.
 */
export class AnswerCache<T extends object> {
  readonly #answers: LRUCache<string, T>;
  readonly #underWay = new Map<string, Promise<T>>();
  /** Questions hold secrets; what lies in memory for long is their keyed hash. */
  readonly #key = randomBytes(32);

  constructor({ ttlMs, maxEntries, now }: AnswerCacheOptions) {
    this.#answers = new LRUCache({ max: maxEntries, ttl: ttlMs, ttlResolution: 0, perf: { now } });
  }

  /** @throws what `ask` throws */
  async answer(question: string, ask: () => Promise<T>): Promise<T> {
    const key = createHmac('sha256', this.#key).update(question).digest('base64');
    const known = this.#answers.get(key);
    if (known) return known;
    let asked = this.#underWay.get(key);
    if (!asked) {
      asked = this.#ask(key, ask);
      this.#underWay.set(key, asked);
    }
    return asked;
  }

  async #ask(key: string, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#answers.set(key, answer);
      return answer;
    } finally {
      this.#underWay.delete(key);
    }
  }
}
