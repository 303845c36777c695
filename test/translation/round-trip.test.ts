import fc from 'fast-check';
import { parse, stringify } from 'lossless-json';
import { expect, it } from 'vitest';
import { stringify as stringifyYaml } from 'yaml';
import { referencesOf } from '../../src/kube/index.ts';
import { translateBody } from '../../src/translation/index.ts';
import { serve, type Tree } from './serve.ts';
import { OURS, targetOf } from './targets.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200);
const timeoutMs = 20_000 + numRuns * 50;

const KINDS = [
  ['', 'pods'],
  ['', 'services'],
  ['', 'events'],
  ['', 'endpoints'],
  ['', 'persistentvolumes'],
  ['', 'configmaps'],
  ['apps', 'deployments'],
  ['policy', 'poddisruptionbudgets'],
  ['discovery.k8s.io', 'endpointslices'],
  ['autoscaling', 'horizontalpodautoscalers'],
  ['example.com', 'widgets'],
] as const;

/** Keys and text that lie close to what is looked for. */
const word = fc.oneof(
  fc.constantFrom(
    'metadata',
    'labels',
    'annotations',
    'name',
    'spec',
    'selector',
    'matchLabels',
    'a',
    '1',
    'web@m1',
    'flotilla.io/cluster',
    'resourceVersion',
    'yes',
    '0x1f',
    '~',
    '',
    'ownerReferences',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const numeral = fc.constantFrom('1', '1.0', '18446744073709551616', '-0', '1E+400', '0.10');
/** Anything, its numbers as they would be written. */
const content = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.constantFrom(null, true, false),
    numeral.map((text) => parse(text)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      word.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

const name = fc.constantFrom('web', 'web-1', 'a@b', 'system:x@m');
/** Labels as the member can have them: not empty, without tags. */
const labels = fc.dictionary(
  word.filter((key) => key !== 'flotilla.io/cluster' && key !== '__proto__'),
  word,
  { minKeys: 1, maxKeys: 3 },
);
const selector = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.constant([{ key: 'a', operator: 'In', values: ['b', 'm2'] }]),
  },
  { requiredKeys: [] },
);
const reference = fc.record({ kind: word, name, uid: word }, { requiredKeys: ['kind', 'name'] });

const metadata = fc.record(
  {
    name,
    resourceVersion: fc.constantFrom('1', '4711', 'opaque'),
    labels,
    annotations: labels,
    ownerReferences: fc.array(reference, { minLength: 1, maxLength: 2 }),
    finalizers: fc.array(word),
    creationTimestamp: fc.constant('2026-01-01T00:00:00Z'),
  },
  { requiredKeys: ['name', 'resourceVersion'] },
);

/** A value of the shape that a reference's path asks for, or of none. */
function holder(path: readonly string[], leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const inner = holder(rest, leaf);
  if (key === '*') return fc.array(fc.oneof(inner, fc.constant({})), { maxLength: 3 });
  return fc
    .tuple(inner, fc.dictionary(fc.constantFrom('x', 'y'), content, { maxKeys: 2 }))
    .map(([value, more]) => ({ ...more, [key]: value }));
}

const LEAVES = {
  name,
  labelSelector: selector,
  labelMap: fc.oneof(labels, fc.constant({})),
  selectorText: fc.constantFrom('app=web', 'a in (b,c),!d'),
} as const;

function objectOf(group: string, resource: string): fc.Arbitrary<Tree> {
  const holders = referencesOf(group, resource)
    .filter(({ path }) => path[0] !== 'metadata')
    .map(({ path, form }) => fc.option(holder(path, LEAVES[form]), { nil: undefined }));
  const extras = fc.dictionary(fc.constantFrom('data', 'extra', 'template', '0'), content);
  return fc.tuple(metadata, extras, fc.tuple(...holders)).map(([meta, more, held]) => {
    const object: Tree = { kind: 'Thing', ...more };
    for (const part of held) Object.assign(object, part);
    return { ...object, metadata: meta };
  });
}

const situation = fc
  .constantFrom(...KINDS)
  .chain(([group, resource]) =>
    objectOf(group, resource).map((object) => ({ group, resource, object })),
  );

it(
  'whatever a view serves comes back as the member has it, in JSON and YAML and as a patch',
  () => {
    fc.assert(
      fc.property(situation, ({ group, resource, object }) => {
        // Through text, so that the tree holds what text can: numbers as they were written.
        const plain = parse(stringify(object)!) as Tree;
        const served = serve(plain, { group, resource, cluster: 'm1', ours: OURS });
        const meta = plain['metadata'] as { name: string; resourceVersion: string };
        const target = targetOf({
          group,
          resource,
          name: meta.name,
          memberVersion: () => undefined,
        });

        const json = Buffer.from(stringify(served, undefined, 1)!);
        for (const type of [
          'application/json',
          'application/merge-patch+json',
          'application/apply-patch+yaml',
        ]) {
          const { body } = translateBody(json, type, target);
          expect(parse(body.toString())).toEqual(plain);
        }
      }),
      { numRuns },
    );
  },
  timeoutMs,
);

it(
  'the same in YAML',
  () => {
    fc.assert(
      fc.property(situation, ({ group, resource, object }) => {
        const plain = JSON.parse(stringify(object)!.replace(/1E\+400/g, '1')) as Tree;
        const served = serve(plain, { group, resource, cluster: 'm1', ours: OURS });
        const { name: plainName } = plain['metadata'] as { name: string };
        const target = targetOf({
          group,
          resource,
          name: plainName,
          memberVersion: () => undefined,
        });

        const yaml = Buffer.from(
          stringifyYaml(served, { version: '1.1', aliasDuplicateObjects: true }),
        );
        const { body } = translateBody(yaml, 'application/yaml', target);

        expect(JSON.parse(body.toString())).toEqual(plain);
      }),
      { numRuns },
    );
  },
  timeoutMs,
);
