import { describe, expect, it } from 'vitest';
import { StatusError } from '../../src/kube/index.ts';
import { translateBody, type TranslationTarget } from '../../src/translation/index.ts';
import { OURS, POD, SERVICE, targetOf, THEIRS } from './targets.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const JSON_TYPE = 'application/json';
const TAG = { 'flotilla.io/cluster': 'm1' };

function translate(body: unknown, target: Partial<TranslationTarget> = {}, type = JSON_TYPE) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return translateBody(bytes, type, targetOf(target)).body.toString();
}

function refusal(body: unknown, target: Partial<TranslationTarget> = {}, type = JSON_TYPE) {
  try {
    translate(body, target, type);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a resourceVersion of ours becomes the member’s', () => {
  const annotated = (resourceVersion: string) => ({
    metadata: { resourceVersion, annotations: { 'flotilla.io/resource-version': '99', a: 'b' } },
  });

  it.each<[string, object, object]>([
    [
      'by what this replica knows',
      { metadata: { resourceVersion: OURS } },
      { metadata: { resourceVersion: THEIRS } },
    ],
    [
      'by the annotation, where it knows nothing',
      annotated('1'),
      { metadata: { resourceVersion: '99', annotations: { a: 'b' } } },
    ],
    [
      'by what it knows rather than by an annotation of an older read',
      annotated(OURS),
      { metadata: { resourceVersion: THEIRS, annotations: { a: 'b' } } },
    ],
    [
      'but not an empty one',
      annotated(''),
      { metadata: { resourceVersion: '', annotations: { a: 'b' } } },
    ],
    ['but not 0', { metadata: { resourceVersion: '0' } }, { metadata: { resourceVersion: '0' } }],
    [
      'but not null',
      { metadata: { resourceVersion: null } },
      { metadata: { resourceVersion: null } },
    ],
  ])('%s', (_, body, want) => {
    expect(JSON.parse(translate(body))).toEqual(want);
    expect(JSON.parse(translate(body, {}, MERGE))).toEqual(want);
    expect(JSON.parse(translate(body, {}, APPLY))).toEqual(want);
  });

  it('a create keeps it, for the member to refuse in its own words', () => {
    expect(translate({ metadata: { resourceVersion: '1' } }, { name: '' })).toContain('"1"');
  });

  it.each<[string, object, Partial<TranslationTarget>]>([
    ['an object', { metadata: { resourceVersion: '1' } }, {}],
    ['DeleteOptions', { kind: 'DeleteOptions', preconditions: { resourceVersion: '1' } }, {}],
    ['DeleteOptions without kind', { preconditions: { resourceVersion: '1' } }, {}],
    [
      'an Eviction',
      { kind: 'Eviction', deleteOptions: { preconditions: { resourceVersion: '1' } } },
      { ...POD, subresource: 'eviction' },
    ],
  ])('one that nobody knows is a conflict in %s', (_, body, target) => {
    const error = refusal(body, target);

    expect(error.reason).toBe('Conflict');
    expect(error.message).toMatch(
      /^Operation cannot be fulfilled on \S+ "web@m1": the object has been modified; please apply your changes to the latest version and try again$/,
    );
    expect(error.details?.name).toBe('web@m1');
  });

  it('a field called preconditions in an object or a patch is no condition of ours', () => {
    const object = { kind: 'Widget', preconditions: { resourceVersion: '1' } };

    expect(JSON.parse(translate(object))).toEqual(object);
    expect(JSON.parse(translate({ preconditions: object.preconditions }, {}, MERGE))).toEqual({
      preconditions: object.preconditions,
    });
  });
});

describe('tags are taken off', () => {
  it.each<[string, object, object, Partial<TranslationTarget>?]>([
    [
      'with the map that held nothing else',
      {
        metadata: {
          labels: TAG,
          annotations: {
            'flotilla.io/resource-version': '1',
            'resource.karmada.io/cached-from-cluster': 'm1',
          },
        },
      },
      { metadata: {} },
    ],
    [
      'but not with a map that was empty before',
      { metadata: { labels: {}, annotations: {} } },
      { metadata: { labels: {}, annotations: {} } },
    ],
    [
      'as null, which takes them off in a patch',
      { metadata: { labels: { a: null, 'flotilla.io/cluster': null } } },
      { metadata: { labels: { a: null } } },
    ],
    [
      'with the clusters of a merged Namespace',
      { metadata: { annotations: { 'flotilla.io/clusters': 'm1,m2', a: 'b' } } },
      { metadata: { annotations: { a: 'b' } } },
    ],
    [
      'from a strategic patch that replaces the labels',
      { metadata: { labels: { $patch: 'replace', ...TAG } } },
      { metadata: { labels: { $patch: 'replace' } } },
    ],
    [
      'from a selector in every form of a requirement',
      {
        spec: {
          selector: {
            matchLabels: { app: 'web' },
            matchExpressions: [
              { key: 'flotilla.io/cluster', operator: 'In', values: ['m1', 'm2'] },
              { key: 'flotilla.io/cluster', operator: 'NotIn', values: ['m2'] },
              { key: 'a', operator: 'Exists' },
              { key: 'flotilla.io/cluster', operator: 'Exists' },
            ],
          },
        },
      },
      {
        spec: {
          selector: {
            matchLabels: { app: 'web' },
            matchExpressions: [{ key: 'a', operator: 'Exists' }],
          },
        },
      },
    ],
    [
      'with the requirements, if there was no other',
      {
        spec: {
          selector: { matchExpressions: [{ key: 'flotilla.io/cluster', operator: 'Exists' }] },
        },
      },
      { spec: { selector: {} } },
    ],
    [
      "from a Service's selector",
      { spec: { selector: { app: 'web', ...TAG } } },
      { spec: { selector: { app: 'web' } } },
      SERVICE,
    ],
    [
      'but not from what a workload makes',
      { spec: { template: { metadata: { labels: TAG, name: 'x@m1' } } } },
      { spec: { template: { metadata: { labels: TAG, name: 'x@m1' } } } },
    ],
    [
      'but not from the data of an object',
      { data: { x: 'web@m1', ...TAG } },
      { data: { x: 'web@m1', ...TAG } },
    ],
    [
      'but not from a selector of a kind whose selector is not tagged',
      { spec: { selector: TAG, podSelector: { matchLabels: TAG } } },
      { spec: { selector: TAG, podSelector: { matchLabels: TAG } } },
      { group: 'networking.k8s.io', resource: 'networkpolicies', kind: 'NetworkPolicy' },
    ],
  ])('%s', (_, body, want, target) => {
    for (const type of [JSON_TYPE, MERGE, STRATEGIC, APPLY]) {
      expect(JSON.parse(translate(body, target, type))).toEqual(want);
    }
  });

  it.each([
    ['app=web,flotilla.io/cluster=m1', 'app=web'],
    ['flotilla.io/cluster=m1', ''],
    ['app in (web,api),flotilla.io/cluster in (m1,m2),!x', 'app in (web,api),!x'],
    ['app=flotilla.io', 'app=flotilla.io'],
    ['a==flotilla.io/cluster===', 'a==flotilla.io/cluster==='],
  ])('from a selector in text: %s', (text, want) => {
    const scale = { kind: 'Scale', status: { selector: text } };

    expect(JSON.parse(translate(scale, { subresource: 'scale' }))).toEqual({
      kind: 'Scale',
      status: { selector: want },
    });
  });

  it('wherever a repeated or escaped key can hide them', () => {
    const body =
      '{"metadata":{"labels":{"flotilla.io/cluster":"m1","flotilla.io\\u002fcluster":"m1","a":"b"},' +
      '"n\\u0061me":"web@m1","l\\u0061bels":{"flotilla.io/cluster":"m1"}},"metadata":{"name":"web@m1"}}';

    expect(translate(body)).toBe(
      '{"metadata":{"labels":{"a":"b"},"n\\u0061me":"web","l\\u0061bels":{}},"metadata":{"name":"web"}}',
    );
  });

  it('from the last applied manifest, in which nothing is refused', () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const quoted = (metadata: object) => ({
      metadata: { annotations: { [annotation]: JSON.stringify({ metadata }) } },
    });
    const sent = {
      name: 'other@m2',
      resourceVersion: '1',
      labels: { 'flotilla.io/cluster': 'm2' },
    };

    expect(JSON.parse(translate(quoted(sent)))).toEqual(
      quoted({ name: 'other', resourceVersion: '1' }),
    );
    expect(translate(`{"metadata":{"annotations":{"${annotation}":"{no json web@m1"}}}`)).toContain(
      '{no json web@m1',
    );
  });
});

it('everything else keeps the bytes it was written in', () => {
  const body =
    '{ "big": 18446744073709551616, "one": 1.0,\n "e": 1E+2, "esc": "\\u0041\\/", "2": {}, "1": [ ],' +
    ' "__proto__": {"x": 1}, "metadata": {"name": "web@m1", "x":  [1, 2 ] } }';

  expect(translate(body)).toBe(
    '{"big": 18446744073709551616,"one": 1.0,"e": 1E+2,"esc": "\\u0041\\/","2": {},"1": [ ],' +
      '"__proto__": {"x": 1},"metadata": {"name": "web","x":  [1, 2 ]}}',
  );
});

describe('names', () => {
  it.each<[string, object, Partial<TranslationTarget>, string]>([
    ['a create', { metadata: { name: 'web@m1' } }, { name: '' }, '{"metadata":{"name":"web"}}'],
    ['a plain name', { metadata: { name: 'web' } }, {}, '{"metadata":{"name":"web"}}'],
    [
      'an @ of no member',
      { metadata: { name: 'a@b' } },
      { name: 'a@b' },
      '{"metadata":{"name":"a@b"}}',
    ],
    [
      'an @ before the member’s',
      { metadata: { name: 'a@b@m1' } },
      { name: 'a@b' },
      '{"metadata":{"name":"a@b"}}',
    ],
    ['no name', { metadata: { name: '' } }, {}, '{"metadata":{"name":""}}'],
    ['a name that is no string', { metadata: { name: 5 } }, {}, '{"metadata":{"name":5}}'],
  ])('become plain: %s', (_, body, target, want) => {
    expect(translate(body, target)).toBe(want);
  });

  it.each<[string, Partial<TranslationTarget>, string]>([
    ['web@m2', {}, 'the name of the object (web@m2) does not match the name on the URL (web@m1)'],
    ['api', {}, 'the name of the object (api) does not match the name on the URL (web@m1)'],
    ['web@m2', { name: '' }, 'the name of the object (web@m2) belongs to another cluster than m1'],
  ])('of another object are refused: %s', (name, target, message) => {
    const error = refusal({ metadata: { name } }, target);

    expect(error.reason).toBe('BadRequest');
    expect(error.message).toBe(message);
  });
});

describe('what belongs to another member is refused with 422', () => {
  it.each<[string, object, string, Partial<TranslationTarget>?]>([
    [
      'a label',
      { metadata: { labels: { 'flotilla.io/cluster': 'm2' } } },
      'metadata.labels[flotilla.io/cluster]',
    ],
    [
      'a label that is no string',
      { metadata: { labels: { 'flotilla.io/cluster': 1 } } },
      'metadata.labels[flotilla.io/cluster]',
    ],
    [
      'an owner',
      { metadata: { ownerReferences: [{ name: 'a' }, { name: 'o@m2' }] } },
      'metadata.ownerReferences.*.name',
    ],
    ['a node', { spec: { nodeName: 'n@m2' } }, 'spec.nodeName', POD],
    [
      'the node of a Binding',
      { target: { name: 'n@m2' } },
      'target.name',
      { ...POD, subresource: 'binding' },
    ],
    [
      'a label of a selector',
      { spec: { selector: { matchLabels: { 'flotilla.io/cluster': 'm2' } } } },
      'spec.selector.matchLabels[flotilla.io/cluster]',
    ],
    [
      'a requirement of a selector',
      {
        spec: {
          selector: {
            matchExpressions: [{ key: 'flotilla.io/cluster', operator: 'In', values: ['m2'] }],
          },
        },
      },
      'spec.selector.matchExpressions',
    ],
    [
      'a requirement that there is no cluster',
      {
        spec: {
          selector: {
            matchExpressions: [{ key: 'flotilla.io/cluster', operator: 'DoesNotExist' }],
          },
        },
      },
      'spec.selector.matchExpressions',
    ],
    [
      "a Service's selector",
      { spec: { selector: { 'flotilla.io/cluster': 'm2' } } },
      'spec.selector[flotilla.io/cluster]',
      SERVICE,
    ],
    [
      'a selector in text',
      { status: { selector: 'a=b,flotilla.io/cluster=m2' } },
      'status.selector',
      { subresource: 'scale' },
    ],
  ])('%s', (_, body, field, target = {}) => {
    for (const type of [JSON_TYPE, MERGE, APPLY]) {
      const error = refusal(body, target, type);
      expect(error.reason).toBe('Invalid');
      expect(error.details?.causes?.[0]?.field).toBe(field);
      expect(error.message).toContain(`"web@m1" is invalid: ${field}: Invalid value: `);
    }
  });
});

describe('a body that cannot be read is refused', () => {
  const invalidUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);

  it.each<[string, Buffer | string, string, RegExp]>([
    [
      'truncated JSON',
      '{"a":',
      JSON_TYPE,
      /^the object provided is unrecognized \(must be of type Deployment\): /,
    ],
    ['trailing text', '{} x', JSON_TYPE, /unrecognized/],
    ['an array', '[]', JSON_TYPE, /not an object/],
    ['a byte order mark', '\ufeff{}', JSON_TYPE, /unrecognized/],
    ['bytes that are no text', invalidUtf8, JSON_TYPE, /invalid UTF-8/],
    ['a broken merge patch', '{', MERGE, /^error decoding patch: /],
    ['a broken JSON patch', '[', 'application/json-patch+json', /^error decoding patch: /],
    ['a broken apply', 'a: b: c', APPLY, /^error decoding YAML: /],
    ['deep JSON', '['.repeat(10_001) + ']'.repeat(10_001), JSON_TYPE, /exceeded max depth/],
    ['very deep JSON', '{"a":'.repeat(500_000), JSON_TYPE, /exceeded max depth/],
  ])('%s', (_, body, type, message) => {
    const translateIt = () => translateBody(Buffer.from(body), type, targetOf());

    expect(translateIt).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
    expect(translateIt).toThrow(message);
  });

  it.each(['application/cbor', 'application/apply-patch+cbor', 'text/plain', 'constructor'])(
    'content type %s',
    (type) => {
      expect(refusal('{}', {}, type).reason).toBe('UnsupportedMediaType');
    },
  );
});

it('JSON as deep as Go reads passes', () => {
  const deep = '{"a":'.repeat(9_999) + '1' + '}'.repeat(9_999);
  const body = `{"metadata":{"name":"web@m1"},"x":${deep}}`;

  expect(translate(body)).toBe(`{"metadata":{"name":"web"},"x":${deep}}`);
});

it('an empty body stays empty', () => {
  const body = Buffer.alloc(0);

  expect(translateBody(body, undefined, targetOf())).toEqual({
    body,
    contentType: 'application/json',
  });
});
