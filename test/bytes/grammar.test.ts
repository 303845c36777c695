import { describe, expect, it } from 'vitest';
import {
  compileRules,
  MalformedJson,
  readFacts,
  readFrame,
  readPaths,
  splitList,
} from '../../src/bytes/index.ts';

const rewrite = compileRules([]);
/** Every way in, with what makes a value part of the shape that it wants. */
const entries = [
  { entry: 'readFacts', read: readFacts, wrap: (value: string) => `{"x":${value}}` },
  {
    entry: 'readPaths',
    read: (b: Buffer) => readPaths(b, [['x']]),
    wrap: (v: string) => `{"x":${v}}`,
  },
  { entry: 'splitList', read: splitList, wrap: (v: string) => `{"items":[{"x":${v}}]}` },
  { entry: 'readFrame', read: readFrame, wrap: (v: string) => `{"type":"","object":{"x":${v}}}` },
  { entry: 'a rewriter', read: (b: Buffer) => rewrite(b, {}), wrap: (v: string) => `{"x":${v}}` },
];

describe.each(entries)('$entry', ({ read, wrap }) => {
  it.each([
    ...[
      '0',
      '-0',
      '10',
      '1.0',
      '0.01',
      '1e5',
      '1E+5',
      '-1.5e-10',
      '123456789012345678901234567890',
    ],
    ...[
      'true',
      'false',
      'null',
      '""',
      '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
      '"\\u00e9\\uD83D\\uDE00"',
      '"\u007f"',
    ],
    ...[
      '"\\ud800"',
      '"é\u2028😀"',
      '[]',
      '{}',
      '[ ]',
      '{\t}',
      '[[],{}]',
      ' [\r\n1 , 2\t] ',
      '{"a" : 1 , "":2}',
    ],
  ])('accepts %s', (value) => {
    expect(() => read(Buffer.from(wrap(value)))).not.toThrow();
  });

  it.each([
    ...[
      '01',
      '-',
      '-a',
      '1.',
      '.5',
      '1e',
      '1e+',
      '+1',
      '1.e5',
      '0x1',
      '1_0',
      'NaN',
      'Infinity',
      '00',
    ],
    ...['tru', 'True', 'nul', 'nulll', 'falsey', 'undefined', ''],
    ...[
      '"',
      '"a',
      '"\\"',
      '"\\x"',
      '"\\u12"',
      '"\\u12g4"',
      '"\\',
      "'a'",
      '"a\nb"',
      '"a\tb"',
      '"\u0000"',
    ],
    ...[
      '[',
      ']',
      '[1',
      '[1,]',
      '[,1]',
      '[1 2]',
      '[1}',
      '{"a":1]',
      '{',
      '}',
      '{"a"',
      '{"a":',
      '{"a":1',
    ],
    ...['{"a":1,}', '{,"a":1}', '{"a" 1}', '{a:1}', '{1:1}', '{"a":1 "b":2}', '{"a"::1}', '[1,,2]'],
    ...['1 // x', '/* x */ 1', '\u00a01', '\ufeff1', '1\u0000', '\v1'],
  ])('refuses %j', (value) => {
    expect(() => read(Buffer.from(wrap(value)))).toThrow(MalformedJson);
  });

  it.each(['', ' ', '[]', '1', '"a"', 'null', '\ufeff{}'])('refuses %j as the whole', (text) => {
    expect(() => read(Buffer.from(text))).toThrow(MalformedJson);
  });

  it.each(['}', ',', '{}', ' x', '\u0000', ']'])('refuses %j behind the end', (rest) => {
    expect(() => read(Buffer.from(wrap('1') + rest))).toThrow(MalformedJson);
  });

  it('allows white space around the whole', () => {
    expect(() => read(Buffer.from(` \r\n\t${wrap('1')}\n`))).not.toThrow();
  });

  it('refuses every beginning of a good text', () => {
    const good = Buffer.from(wrap('[{"a":"\\u0041b","c":[true,-1.5e3,null]},{}]'));

    const accepted = [...good.keys()].filter((length) =>
      isAccepted(read, good.subarray(0, length)),
    );

    expect(accepted).toEqual([]);
  });

  it.each([
    { what: 'a stray continuation byte', bytes: [0x80] },
    { what: 'a sequence cut short', bytes: [0xe2, 0x82] },
    { what: 'an overlong sequence', bytes: [0xc0, 0xaf] },
    { what: 'a surrogate', bytes: [0xed, 0xa0, 0x80] },
    { what: 'a number beyond Unicode', bytes: [0xf4, 0x90, 0x80, 0x80] },
    { what: 'a byte that UTF-8 never has', bytes: [0xff] },
  ])('refuses $what in a string, and says where it is', ({ bytes }) => {
    const [before, after] = wrap('"é?"').split('?') as [string, string];
    const text = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);

    expect(() => read(text)).toThrow(
      expect.objectContaining({ offset: Buffer.byteLength(before) }) as Error,
    );
  });

  it.each(['[', '{"a":'])('refuses a million of %s without running out of stack', (opening) => {
    expect(() => read(Buffer.from(wrap(opening.repeat(1_000_000))))).toThrow(
      'nested deeper than 10000',
    );
  });

  it('accepts nesting up to the limit and not beyond', () => {
    const around = wrap('').match(/[[{]/g)!.length;
    const nested = (depth: number) =>
      Buffer.from(wrap('['.repeat(depth - around) + ']'.repeat(depth - around)));

    expect(isAccepted(read, nested(10_000))).toBe(true);
    expect(isAccepted(read, nested(10_001))).toBe(false);
  });
});

describe('MalformedJson', () => {
  it.each([
    { text: '{"a":01}', offset: 6 },
    { text: '{"a":tru}', offset: 5 },
    { text: '{"a":"\n"}', offset: 6 },
    { text: '{"a":"\\x"}', offset: 7 },
    { text: '{"a":1', offset: 6 },
    { text: '{} x', offset: 3 },
    { text: '[]', offset: 0 },
  ])('tells that $text breaks at byte $offset', ({ text, offset }) => {
    expect(() => readFacts(Buffer.from(text))).toThrow(
      expect.objectContaining({ offset }) as Error,
    );
  });

  it('does not repeat what the bytes say', () => {
    expect(() => readFacts(Buffer.from('{"data":{"password":"hunter2"'))).toThrow(
      /^expected a comma or the end of the container at byte 29$/,
    );
  });
});

function isAccepted(read: (bytes: Buffer) => unknown, bytes: Buffer): boolean {
  try {
    read(bytes);
    return true;
  } catch (error) {
    if (error instanceof MalformedJson) return false;
    throw error;
  }
}
