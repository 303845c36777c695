import { describe, expect, it } from 'vitest';
import { StatusError } from '../../src/kube/index.ts';
import { translateBody } from '../../src/translation/index.ts';
import { targetOf } from './targets.ts';

/** Reads YAML as a body does that has a tag, so that it is written anew; gives back `data`. */
function reread(data: string): unknown {
  const text = `metadata: {labels: {flotilla.io/cluster: m1}}\n${data}`;
  const { body } = translateBody(Buffer.from(text), 'application/yaml', targetOf());
  return body.toString().replace('{"metadata":{}', '{').replace('{,', '{');
}

/** What sigs.k8s.io/yaml, which kube-apiserver reads YAML with, makes of each. */
describe('a YAML body is read as Go reads it', () => {
  it.each([
    ['a: yes', '{"a":true}'],
    ['a: Off', '{"a":false}'],
    ['a: n', '{"a":false}'],
    ['a: yEs', '{"a":"yEs"}'],
    ['a: ~', '{"a":null}'],
    ['a:', '{"a":null}'],
    ['a: 0777', '{"a":511}'],
    ['a: 0o17', '{"a":15}'],
    ['a: 08', '{"a":8}'],
    ['a: 0x1F', '{"a":31}'],
    ['a: -0b11', '{"a":-3}'],
    ['a: +1_000', '{"a":1000}'],
    ['a: 0x1G', '{"a":"0x1G"}'],
    ['a: .5', '{"a":0.5}'],
    ['a: -1.', '{"a":-1}'],
    ['a: .', '{"a":"."}'],
    ['a: 12:30:45', '{"a":"12:30:45"}'],
    ['a: 2020-01-01', '{"a":"2020-01-01"}'],
    ['a: "1"', '{"a":"1"}'],
    ["a: 'yes'", '{"a":"yes"}'],
    ['a: !!str 1', '{"a":"1"}'],
    ['a: !!int "1"', '{"a":1}'],
    ['a: |\n  x\n  y\n', '{"a":"x\\ny\\n"}'],
    ['yes: v', '{"true":"v"}'],
    ['0x1f: v', '{"31":"v"}'],
    ['"null": v', '{"null":"v"}'],
    ['a: 1\na: 2', '{"a":2}'],
    ['a: &x [1, two]\nb: *x', '{"a":[1,"two"],"b":[1,"two"]}'],
    ['a: &x {k: 1}\nb: {<<: *x, c: 2}', '{"a":{"k":1},"b":{"k":1,"c":2}}'],
    ['a: &x {k: 1}\nb: {k: 2, <<: *x}', '{"a":{"k":1},"b":{"k":1}}'],
    [
      'a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc: {<<: [*x, *y]}',
      '{"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":1,"l":3}}',
    ],
    ['a: &x 1\nb: &x 2\nc: *x', '{"a":1,"b":2,"c":2}'],
  ])('%j is %s', (text, want) => {
    expect(reread(text)).toBe(want);
  });

  it('keeps numbers that no double can hold', () => {
    expect(reread('a: 9007199254740993\nb: 1.0\nc: 18446744073709551616')).toBe(
      '{"a":9007199254740993,"b":1.0,"c":18446744073709551616}',
    );
  });
});

it('what is applied stays YAML by its type, with nothing in it that a YAML reader would fold', () => {
  const text = 'metadata: {labels: {flotilla.io/cluster: m1}}\na: "x\\u2028\\u0085y"';

  const { body, contentType } = translateBody(
    Buffer.from(text),
    'application/apply-patch+yaml',
    targetOf(),
  );

  expect(contentType).toBe('application/apply-patch+yaml');
  expect(body.toString()).toBe('{"metadata":{},"a":"x\\u2028\\u0085y"}');
});

it('what is applied as JSON keeps its numbers and the order of its keys', () => {
  const text = '{"z": 1.0, "metadata": {"labels": {"flotilla.io/cluster": "m1"}}, "a": 1e400}';

  const { body } = translateBody(Buffer.from(text), 'application/apply-patch+yaml', targetOf());

  expect(body.toString()).toBe('{"z": 1.0,"metadata": {},"a": 1e400}');
});

describe('a YAML body is refused with 400', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i += 1) {
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  }
  const chain = [`a0: &a0 ${'['.repeat(400)}${']'.repeat(400)}`];
  for (let i = 1; i < 100; i += 1) {
    chain.push(`a${i}: &a${i} ${'['.repeat(400)}*a${i - 1}${']'.repeat(400)}`);
  }

  it.each([
    ['that holds two documents', 'a: 1\n---\nb: 2'],
    ['that is no object', '- a'],
    ['that is empty but for a comment', '# nothing'],
    ['that is no YAML', 'a: b: c'],
    ['that uses an anchor it does not have', 'a: *x'],
    ['whose anchor holds itself', 'a: &x [*x]'],
    ['whose keys are no scalars', '? [1]\n: 2'],
    ['whose key is null', '~: 1'],
    ['that merges what is no map', '<<: 1'],
    ['with an infinity', 'a: .inf'],
    ['with a tag that Kubernetes has no use for', 'a: !!binary aGk='],
    ['whose aliases blow it up', bomb.join('\n')],
    ['whose aliases nest it deep', chain.join('\n')],
    ['that is nested deep in flow style', `a: ${'['.repeat(100_000)}`],
    ['that is nested deep in block style', `${'- '.repeat(100_000)}a`],
    ['that is nested deep and complete', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ])('%s', (_, text) => {
    const translate = () => translateBody(Buffer.from(text), 'application/yaml', targetOf());

    expect(translate).toThrow(StatusError);
    expect(translate).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
  });
});
