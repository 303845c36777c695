import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import {
  OWN_DEFINITIONS,
  openApiV2,
  openApiV2Protobuf,
  openApiV3,
  ownGroupVersions,
  type Cluster,
} from '../../src/api/index.ts';

type Node = Record<string, unknown>;

function references(node: unknown): string[] {
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' ? [String(value)] : references(value),
  );
}

function at(document: unknown, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((node, name) => (node as Node | undefined)?.[name], document);
}

const V2 = openApiV2(ownGroupVersions(), 'v1');
const V3 = ownGroupVersions().map((one) => openApiV3(one, 'v1'));

describe('OpenAPI of our own kinds', () => {
  it.each([V2, ...V3].map((document, index) => ({ document, index })))(
    'document $index refers to nothing that it does not hold',
    ({ document }) => {
      expect(references(document).filter((one) => at(document, one) === undefined)).toEqual([]);
    },
  );

  it('every readable kind has a schema marked with its group, version and kind', () => {
    const marks = Object.values((V2 as { definitions: Record<string, Node> }).definitions).flatMap(
      (schema) => (schema['x-kubernetes-group-version-kind'] ?? []) as Node[],
    );

    for (const { group, version, kind, verbs } of OWN_DEFINITIONS) {
      const count = marks.filter(
        (mark) => JSON.stringify(mark) === JSON.stringify({ group, version, kind }),
      ).length;
      expect(count, kind).toBe(verbs.includes('get') ? 1 : 0);
    }
  });

  it('a Cluster as we make it satisfies its schema, one without syncMode does not', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const schema = (V3[0] as { components: { schemas: Record<string, Node> } }).components.schemas;
    const validate = ajv.compile({
      components: { schemas: schema },
      $ref: '#/components/schemas/io.karmada.cluster.v1alpha1.Cluster',
    });
    const cluster: Cluster = {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'm1', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { syncMode: 'Push' },
      status: { conditions: [] },
    };

    expect(validate(cluster)).toBe(true);
    expect(validate({ ...cluster, spec: {} })).toBe(false);
  });
});

/** Splits a protobuf message into its fields: number → contents, for length-delimited ones. */
function fields(message: Buffer): Map<number, Buffer[]> {
  const found = new Map<number, Buffer[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const length = varint();
    const isBytes = tag % 8 === 2;
    const content = isBytes ? message.subarray(at, at + length) : Buffer.from([length]);
    if (isBytes) at += length;
    found.set(tag >> 3, [...(found.get(tag >> 3) ?? []), content]);
  }
  return found;
}

describe('the protobuf form', () => {
  const message = fields(openApiV2Protobuf(V2));
  const names = (field: number, inner: number): string[] =>
    (fields(message.get(field)?.[0] ?? Buffer.alloc(0)).get(inner) ?? []).map((entry) =>
      String(fields(entry).get(1)?.[0]),
    );

  it('is OpenAPI 2.0 with the paths and definitions of the JSON form', () => {
    const { paths, definitions } = V2 as { paths: object; definitions: object };

    expect(String(message.get(1)?.[0])).toBe('2.0');
    expect(names(8, 2)).toEqual(Object.keys(paths));
    expect(names(9, 1)).toEqual(Object.keys(definitions));
  });
});
