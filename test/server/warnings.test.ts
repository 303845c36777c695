import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { warningWriter } from '../../src/server/warnings.ts';

function written(texts: readonly string[]): string[] {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const add = warningWriter(res);
  for (const text of texts) add(text);
  return [res.getHeader('Warning') ?? []].flat().map(String);
}

describe('warnings', () => {
  it('stay small whatever is told', () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat(1000)}`);

    expect(written(texts).join('').length).toBeLessThan(10_000);
  });

  it('that are empty are none', () => {
    expect(written(['', '\n'])).toEqual([]);
  });

  it('keep other scripts as UTF-8 bytes', () => {
    const [line = ''] = written(['kluster är borta']);

    expect(Buffer.from(line, 'latin1').toString()).toBe('299 - "kluster är borta"');
  });
});
