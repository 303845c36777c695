import { describe, expect, it } from 'vitest';
import { inOwnMemory } from '../../src/bytes/index.ts';

describe('bytes that are kept', () => {
  it.each([
    { title: 'a small buffer, which shares a slab', given: Buffer.from('{"a":1}') },
    { title: 'a slice of a larger one', given: Buffer.alloc(1_000, '{"a":1}').subarray(0, 7) },
  ])('hold no memory but their own: $title', ({ given }) => {
    const kept = inOwnMemory(given);

    expect(kept.toString()).toBe('{"a":1}');
    expect(kept.buffer.byteLength).toBe(7);
  });

  it('are not copied when they do so already', () => {
    const own = Buffer.allocUnsafeSlow(7);

    expect(inOwnMemory(own)).toBe(own);
  });
});
