import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter, MalformedJson } from '../../src/bytes/index.ts';

const push = (splitter: FrameSplitter, text: string): string[] =>
  splitter.push(Buffer.from(text)).map(String);

describe('FrameSplitter', () => {
  it('gives the same frames however the bytes are cut into chunks', () => {
    const property = fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 9 }).map((text) => text.replace(/\n/g, 'n'))),
      fc.string({ maxLength: 5 }).map((text) => text.replace(/\n/g, 'n')),
      fc.array(fc.nat(12)),
      (frames, rest, cuts) => {
        const body = Buffer.from(frames.map((frame) => `${frame}\n`).join('') + rest);
        const splitter = new FrameSplitter(40);
        const got: string[] = [];
        let at = 0;
        for (const cut of [...cuts, body.length]) {
          got.push(...splitter.push(body.subarray(at, at + cut)).map(String));
          at = Math.min(body.length, at + cut);
        }

        expect(got).toEqual(frames);
        expect(splitter.pendingBytes).toBe(Buffer.byteLength(rest));
      },
    );

    fc.assert(property, { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) });
  });

  it('passes over empty lines', () => {
    expect(push(new FrameSplitter(9), '\n\na\n\nb\n')).toEqual(['a', 'b']);
  });

  it('accepts a frame of the greatest length, in one chunk or several', () => {
    const splitter = new FrameSplitter(4);

    const frames = [
      push(splitter, 'abcd\n'),
      push(splitter, 'ab'),
      push(splitter, 'cd'),
      push(splitter, '\n'),
    ];

    expect(frames).toEqual([['abcd'], [], [], ['abcd']]);
  });

  it.each([
    { title: 'in one chunk', chunks: ['abcde\n'] },
    { title: 'in several chunks', chunks: ['abc', 'de\n'] },
    { title: 'before its newline has come', chunks: ['abc', 'de'] },
    { title: 'behind good ones', chunks: ['a\nb\n', 'c\nabcde'] },
  ])('refuses a longer frame $title', ({ chunks }) => {
    const splitter = new FrameSplitter(4);

    expect(() => chunks.map((chunk) => splitter.push(Buffer.from(chunk)))).toThrow(MalformedJson);
  });

  it('says how much of a frame was left at the end', () => {
    const splitter = new FrameSplitter(9);

    push(splitter, 'a\nbc');
    push(splitter, 'd');

    expect(splitter.pendingBytes).toBe(3);
  });

  it('joins a large frame of many chunks in time that grows with its bytes, not with their square', () => {
    const splitter = new FrameSplitter(64_000_000);
    const chunk = Buffer.alloc(1000, 'a');
    const start = performance.now();

    for (let i = 0; i < 30_000; i += 1) splitter.push(chunk);
    const [frame] = splitter.push(Buffer.from('\n'));

    expect(frame).toHaveLength(30_000_000);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
