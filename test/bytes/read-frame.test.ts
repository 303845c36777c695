import { expect, it } from 'vitest';
import { MalformedJson, readFrame, readFrameWithFacts } from '../../src/bytes/index.ts';

it.each([
  {
    title: 'cuts the object out',
    frame: '{"type":"ADDED","object":{"a":1.0}}',
    want: 'ADDED {"a":1.0}',
  },
  { title: 'does not mind the order', frame: '{"object":{},"type":"DELETED"}', want: 'DELETED {}' },
  { title: 'allows white space', frame: ' { "type" : "X" , "object" : { } }\r', want: 'X { }' },
  {
    title: 'does not take a look-alike in the object for the frame',
    frame: '{"type":"ADDED","object":{"type":"DELETED","object":{"evil":1},"x":"}}"}}',
    want: 'ADDED {"type":"DELETED","object":{"evil":1},"x":"}}"}',
  },
  {
    title: 'takes the last of equal keys',
    frame: '{"type":"ADDED","object":{"a":1},"type":"DELETED","obj\\u0065ct":{"b":1}}',
    want: 'DELETED {"b":1}',
  },
  { title: 'passes over other members', frame: '{"x":[{}],"type":"A","object":{}}', want: 'A {}' },
])('$title', ({ frame, want }) => {
  const { type, object } = readFrame(Buffer.from(frame));

  expect(`${type} ${object.toString()}`).toBe(want);
});

it.each([
  '{"type":"ADDED"}',
  '{"object":{}}',
  '{"type":1,"object":{}}',
  '{"type":"ADDED","object":null}',
  '{"type":"ADDED","object":[]}',
  '{"type":"ADDED","object":{},"object":7}',
  '{"type":"ADDED","object":{},"type":7}',
  '{"type":"ADDED","object":{}}{"type":"ADDED","object":{}}',
])('refuses %s', (frame) => {
  expect(() => readFrame(Buffer.from(frame))).toThrow(MalformedJson);
  expect(() => readFrameWithFacts(Buffer.from(frame))).toThrow(MalformedJson);
});

it('reads the facts of the object in the same pass', () => {
  const frame = Buffer.from('{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a"}}}');

  const { facts } = readFrameWithFacts(frame);

  expect([facts.kind, facts.name]).toEqual(['Pod', 'a']);
});
