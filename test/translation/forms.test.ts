import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { translateBody, type TranslationTarget } from '../../src/translation/index.ts';
import { serve, type Tree } from './serve.ts';
import { OURS, targetOf, THEIRS } from './targets.ts';

interface Case {
  title: string;
  target: Partial<TranslationTarget>;
  /** As the member has it, and as a view shows it. */
  plain: Tree;
  served: Tree;
  /** What Kubernetes' own encoder makes of both, in base64. */
  plainProtobuf: string;
  servedProtobuf: string;
}

const cases = JSON.parse(
  readFileSync(new URL('./protobuf/cases.json', import.meta.url), 'utf8'),
) as Case[];

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

describe('what was read in a view and is written back untouched is a no-op at the member', () => {
  it.each(cases)('in JSON: $title', ({ target, plain, served }) => {
    const { body } = translateBody(
      Buffer.from(JSON.stringify(served)),
      'application/json',
      targetOf(target),
    );

    expect(JSON.parse(body.toString())).toEqual(plain);
  });

  it.each(cases)('in YAML: $title', ({ target, plain, served }) => {
    const yaml = Buffer.from(stringify(served, { version: '1.1' }));

    const translated = translateBody(yaml, 'application/yaml', targetOf(target));

    expect(translated.contentType).toBe('application/json');
    expect(JSON.parse(translated.body.toString())).toEqual(plain);
  });

  it.each(cases)('in protobuf: $title', ({ target, plainProtobuf, servedProtobuf }) => {
    const sent = Buffer.from(servedProtobuf, 'base64');

    const { body, contentType } = translateBody(sent, PROTOBUF, targetOf(target));

    expect(contentType).toBe(PROTOBUF);
    expect(body.toString('base64')).toBe(plainProtobuf);
  });
});

describe('what has no tags', () => {
  const clean = cases.map(({ title, target, plain, plainProtobuf }) => {
    const memberVersion = (version: string): string => version;
    return { title, target: targetOf({ ...target, memberVersion }), plain, plainProtobuf };
  });

  it.each(clean)('passes byte for byte: $title', ({ target, plain, plainProtobuf }) => {
    const bodies = [
      { body: Buffer.from(JSON.stringify(plain, undefined, 3)), contentType: 'application/json' },
      { body: Buffer.from(stringify(plain)), contentType: 'application/yaml; charset=utf-8' },
      { body: Buffer.from(plainProtobuf, 'base64'), contentType: PROTOBUF },
    ];

    for (const sent of bodies) {
      const { body, contentType } = translateBody(sent.body, sent.contentType, target);
      expect(body).toBe(sent.body);
      expect(contentType).toBe(sent.contentType);
    }
  });
});

/** The others are written only: no view serves them. */
const everServed = cases.filter(({ plain }) => {
  const metadata = plain['metadata'] as Tree | undefined;
  return metadata?.['resourceVersion'] !== undefined;
});

it.each(everServed)(
  'the stored cases are what serving makes of their objects: $title',
  ({ target: { group = '', resource = '', subresource = '' }, plain, served }) => {
    expect(serve(plain, { group, resource, subresource, cluster: 'm1', ours: OURS })).toEqual(
      served,
    );
    expect((plain['metadata'] as Tree)['resourceVersion']).toBe(THEIRS);
  },
);
