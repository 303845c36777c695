import { describe, expect, it } from 'vitest';
import { translateBody, type TranslationTarget } from '../../src/translation/index.ts';
import { OURS, POD, targetOf, THEIRS } from './targets.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Fields of a message, written by hand: text and messages by length, numbers as varints. */
type Field = [number, string | number | Buffer];

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

function message(...fields: Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
      const bytes = Buffer.from(value as Buffer);
      return Buffer.concat([
        Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]),
        bytes,
      ]);
    }),
  );
}

function envelope(kind: string, raw: Buffer, ...more: Field[]): Buffer {
  return Buffer.concat([
    Buffer.from('k8s\0'),
    message([1, message([1, 'v1'], [2, kind])], [2, raw], ...more),
  ]);
}

const pod = (...metadata: Field[]) => envelope('Pod', message([1, message(...metadata)]));
const entry = (key: string, value: string) => message([1, key], [2, value]);

function translate(body: Buffer, target: Partial<TranslationTarget> = POD): Buffer {
  return translateBody(body, PROTOBUF, targetOf(target)).body;
}

describe('a protobuf body', () => {
  it('keeps fields that nobody here knows, in their places', () => {
    const fields = (name: string): Field[] => [
      [99, 7],
      [1, name],
      [100, 'unknown'],
      [7, 300],
      [200, message([1, 'web@m1'])],
    ];

    expect(translate(pod(...fields('web@m1')))).toEqual(pod(...fields('web')));
  });

  it('is cleaned in every one of repeated fields', () => {
    const label = message([11, entry('flotilla.io/cluster', 'm1')], [11, entry('a', 'b')]);
    const raw = message([1, label], [1, message([1, 'web@m1'], [1, 'web@m1'])]);
    const want = message([1, message([11, entry('a', 'b')])], [1, message([1, 'web'], [1, 'web'])]);

    expect(translate(envelope('Pod', raw))).toEqual(envelope('Pod', want));
  });

  it('finds a tag whose map entry names its key last', () => {
    const backwards = message([2, 'm1'], [1, 'flotilla.io/cluster']);

    expect(translate(pod([11, backwards]))).toEqual(pod());
  });

  it('translates a version by its annotation', () => {
    const sent = pod([6, '1'], [12, entry('flotilla.io/resource-version', '99')]);

    expect(translate(sent)).toEqual(pod([6, '99']));
  });

  it('translates the requirements of a selector', () => {
    const requirement = (...values: string[]) =>
      message([1, 'flotilla.io/cluster'], [2, 'In'], ...values.map((v): Field => [3, v]));
    const other = message([1, 'app'], [2, 'Exists']);
    const sent = (...requirements: Buffer[]) =>
      envelope(
        'Deployment',
        message([2, message([2, message(...requirements.map((r): Field => [2, r]))])]),
      );

    expect(translate(sent(requirement('m2', 'm1'), other), {})).toEqual(sent(other));
    expect(() => translate(sent(requirement('m2')), {})).toThrow(
      expect.objectContaining({ reason: 'Invalid' }),
    );
  });

  it('translates the condition of DeleteOptions', () => {
    const options = (version: string) =>
      envelope('DeleteOptions', message([1, 5], [2, message([1, 'uid'], [2, version])]));

    expect(translate(options(OURS))).toEqual(options(THEIRS));
    expect(() => translate(options('1'))).toThrow(expect.objectContaining({ reason: 'Conflict' }));
  });

  it('without tags passes as the very bytes that came', () => {
    const body = pod([1, 'web'], [11, entry('a', 'b')]);

    expect(translate(body)).toBe(body);
  });
});

describe('a protobuf body is refused', () => {
  const bytes = (...values: number[]) => Buffer.from(values);
  const raw = (metadata: Buffer) => envelope('Pod', message([1, metadata]));

  it.each<[string, Buffer, string]>([
    ['without the magic number', Buffer.from('{"kind":"Pod"}'), 'BadRequest'],
    ['cut off', pod([1, 'web@m1']).subarray(0, -3), 'BadRequest'],
    ['with a length beyond its end', raw(bytes(0x0a, 0x7f, 0x61)), 'BadRequest'],
    [
      'with a length that Go would wrap around',
      raw(bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)),
      'BadRequest',
    ],
    [
      'with a tag that Go would wrap around',
      raw(bytes(0x8a, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00)),
      'BadRequest',
    ],
    ['with an endless number', raw(Buffer.alloc(11, 0x80)), 'BadRequest'],
    ['with a group', raw(bytes(0x0b, 0x0c)), 'BadRequest'],
    ['with field 0', raw(bytes(0x02, 0x00)), 'BadRequest'],
    ['that is compressed', envelope('Pod', message(), [3, 'gzip']), 'UnsupportedMediaType'],
    [
      'that holds JSON',
      envelope('Pod', Buffer.from('{}'), [4, 'application/json']),
      'UnsupportedMediaType',
    ],
    ["with another member's name", pod([1, 'web@m2']), 'BadRequest'],
    ["with another member's label", pod([11, entry('flotilla.io/cluster', 'm2')]), 'Invalid'],
    ['with an empty label', pod([11, message([1, 'flotilla.io/cluster'])]), 'Invalid'],
    ["with another member's node", envelope('Pod', message([2, message([10, 'n@m2'])])), 'Invalid'],
  ])('%s', (_, body, reason) => {
    expect(() => translate(body)).toThrow(expect.objectContaining({ reason }));
  });
});

it('a length or tag written longer than need be is read as what it is', () => {
  const name = Buffer.concat([Buffer.from([0x8a, 0x00, 0x86, 0x00]), Buffer.from('web@m1')]);

  expect(translate(envelope('Pod', message([1, name])))).toEqual(pod([1, 'web']));
});
