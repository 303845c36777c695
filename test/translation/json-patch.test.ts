import { describe, expect, it } from 'vitest';
import { translateBody, type TranslationTarget } from '../../src/translation/index.ts';
import { OURS, POD, SERVICE, targetOf, THEIRS } from './targets.ts';

const JSON_PATCH = 'application/json-patch+json';
const LABEL = '/metadata/labels/flotilla.io~1cluster';
const ANNOTATIONS = '/metadata/annotations';

function translate(patch: unknown, target: Partial<TranslationTarget> = {}) {
  return translateBody(Buffer.from(JSON.stringify(patch)), JSON_PATCH, targetOf(target));
}

function translated(patch: unknown, target: Partial<TranslationTarget> = {}): unknown {
  const { body, contentType } = translate(patch, target);
  expect(contentType).toBe(JSON_PATCH);
  return JSON.parse(body.toString());
}

describe('an operation on a tag alone is dropped', () => {
  it.each([
    ['add of the virtual label', { op: 'add', path: LABEL, value: 'm1' }],
    ['replace of it', { op: 'replace', path: LABEL, value: 'm1' }],
    ['remove of it', { op: 'remove', path: LABEL }],
    ['test of it that holds', { op: 'test', path: LABEL, value: 'm1' }],
    [
      'remove of an annotation of ours',
      { op: 'remove', path: `${ANNOTATIONS}/flotilla.io~1resource-version` },
    ],
    [
      'test of the annotation with the cluster',
      {
        op: 'test',
        path: `${ANNOTATIONS}/resource.karmada.io~1cached-from-cluster`,
        value: 'm1',
      },
    ],
    [
      'add of it to a selector',
      { op: 'add', path: '/spec/selector/matchLabels/flotilla.io~1cluster', value: 'm1' },
    ],
  ])('%s', (_, operation) => {
    const rest = { op: 'replace', path: '/spec/replicas', value: 3 };

    expect(translated([operation, rest])).toEqual([rest]);
    expect(translated([operation])).toEqual([]);
  });
});

describe('an operation is translated', () => {
  it.each<[string, Partial<TranslationTarget>, object, object]>([
    [
      'test of our resourceVersion',
      {},
      { op: 'test', path: '/metadata/resourceVersion', value: OURS },
      { op: 'test', path: '/metadata/resourceVersion', value: THEIRS },
    ],
    [
      "test of the annotation with the member's version",
      {},
      { op: 'test', path: `${ANNOTATIONS}/flotilla.io~1resource-version`, value: '99' },
      { op: 'test', path: '/metadata/resourceVersion', value: '99' },
    ],
    [
      'test of the name',
      {},
      { op: 'test', path: '/metadata/name', value: 'web@m1' },
      { op: 'test', path: '/metadata/name', value: 'web' },
    ],
    [
      'test of labels that are tags only: the member has none',
      {},
      { op: 'test', path: '/metadata/labels', value: { 'flotilla.io/cluster': 'm1' } },
      { op: 'test', path: '/metadata/labels', value: null },
    ],
    [
      'test of labels',
      {},
      { op: 'test', path: '/metadata/labels', value: { a: 'b', 'flotilla.io/cluster': 'm1' } },
      { op: 'test', path: '/metadata/labels', value: { a: 'b' } },
    ],
    [
      'replace of labels, which the member may not have',
      {},
      { op: 'replace', path: '/metadata/labels', value: { 'flotilla.io/cluster': 'm1' } },
      { op: 'add', path: '/metadata/labels', value: {} },
    ],
    [
      'remove of annotations, which the member may not have',
      {},
      { op: 'remove', path: ANNOTATIONS },
      { op: 'add', path: ANNOTATIONS, value: {} },
    ],
    [
      'replace of the metadata',
      {},
      {
        op: 'replace',
        path: '/metadata',
        value: { name: 'web@m1', labels: { a: 'b', 'flotilla.io/cluster': 'm1' } },
      },
      { op: 'replace', path: '/metadata', value: { name: 'web', labels: { a: 'b' } } },
    ],
    [
      'replace of the whole object',
      POD,
      { op: 'replace', path: '', value: { spec: { nodeName: 'n@m1' } } },
      { op: 'replace', path: '', value: { spec: { nodeName: 'n' } } },
    ],
    [
      'add of an owner',
      {},
      { op: 'add', path: '/metadata/ownerReferences/-', value: { name: 'o@m1', uid: 'u' } },
      { op: 'add', path: '/metadata/ownerReferences/-', value: { name: 'o', uid: 'u' } },
    ],
    [
      "replace of an owner's name by a negative index",
      {},
      { op: 'replace', path: '/metadata/ownerReferences/-1/name', value: 'o@m1' },
      { op: 'replace', path: '/metadata/ownerReferences/-1/name', value: 'o' },
    ],
    [
      'replace of a selector',
      SERVICE,
      {
        op: 'replace',
        path: '/spec/selector',
        value: { app: 'web', 'flotilla.io/cluster': 'm1' },
      },
      { op: 'replace', path: '/spec/selector', value: { app: 'web' } },
    ],
  ])('%s', (_, target, operation, want) => {
    expect(translated([operation], target)).toEqual([want]);
  });
});

describe('a patch that adds labels and annotations only', () => {
  it('is sent as a merge patch, since the member may have neither map', () => {
    const { body, contentType } = translate([
      { op: 'add', path: LABEL, value: 'm1' },
      { op: 'add', path: '/metadata/labels/a', value: 'b' },
      { op: 'add', path: '/metadata/labels/a', value: 'c' },
      { op: 'add', path: '/metadata/annotations/x~1y~0z', value: 'ä' },
    ]);

    expect(contentType).toBe('application/merge-patch+json');
    expect(JSON.parse(body.toString())).toEqual({
      metadata: { labels: { a: 'c' }, annotations: { 'x/y~z': 'ä' } },
    });
  });

  it.each([
    ['something else is tested', [{ op: 'test', path: '/spec/replicas', value: 1 }]],
    ['a value is no string', [{ op: 'add', path: '/metadata/labels/b', value: null }]],
    ['a whole map is set', [{ op: 'add', path: '/metadata/labels', value: {} }]],
  ])('but not when %s', (_, more) => {
    const patch = [{ op: 'add', path: '/metadata/labels/a', value: 'b' }, ...more];

    expect(translated(patch)).toEqual(patch);
  });
});

it('a patch without tags passes byte for byte', () => {
  const body = Buffer.from(
    '[ {"op":"replace","path":"/spec/replicas","value":1.0}, {"op":"copy","from":"/a/0","path":"/b"},' +
      ' {"op":"test","path":"/data/flotilla.io~1cluster","value":"m2"}, 7, {"op":"what"}, {"op":"add"} ]',
  );

  expect(translateBody(body, JSON_PATCH, targetOf()).body).toBe(body);
});

it('a patch as deep as paths can be passes', () => {
  const patch = [{ op: 'add', path: '/a'.repeat(200_000), value: 'x' }];

  expect(translated(patch)).toEqual(patch);
});

describe('a patch is refused', () => {
  it.each<[string, unknown, string, Partial<TranslationTarget>?]>([
    ['a label of another member', [{ op: 'add', path: LABEL, value: 'm2' }], 'Invalid'],
    ['a test of the label that fails', [{ op: 'test', path: LABEL, value: 'm2' }], 'Invalid'],
    ['a test that the label is not there', [{ op: 'test', path: LABEL, value: null }], 'Invalid'],
    [
      "a test of another member's name",
      [{ op: 'test', path: '/metadata/name', value: 'web@m2' }],
      'Invalid',
    ],
    [
      'a test of a version that is not known',
      [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }],
      'Conflict',
    ],
    [
      'a node of another member',
      [{ op: 'add', path: '/spec/nodeName', value: 'n@m2' }],
      'Invalid',
      POD,
    ],
    [
      'a copy of the label',
      [{ op: 'copy', from: LABEL, path: '/metadata/labels/a' }],
      'BadRequest',
    ],
    ['a move onto it', [{ op: 'move', from: '/metadata/labels/a', path: LABEL }], 'BadRequest'],
    [
      'a path that Go reads as another',
      [{ op: 'add', path: `x${LABEL}`, value: 'm2' }],
      'BadRequest',
    ],
    ['a patch that is no array', { op: 'add', path: LABEL, value: 'm1' }, 'BadRequest'],
  ])('%s', (_, patch, reason, target) => {
    expect(() => translate(patch, target)).toThrow(expect.objectContaining({ reason }));
  });
});
