import { textAt, type BodyNode } from './body-node.ts';
import { readBodyForm } from './media-types.ts';
import { openEnvelope } from './protobuf-envelope.ts';
import type { FieldSchema, MessageSchema } from './protobuf-schemas.ts';
import { readObjectBody, readOrRefuse } from './read-body.ts';

/** What a review of one's own rights asks; '' for what it does not say. */
export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly nonResourceAttributes: Readonly<Record<string, string>>;
  /** Of a review of all rules in a namespace. */
  readonly namespace: string;
}

const RESOURCE_FIELDS = [
  'namespace',
  'verb',
  'group',
  'version',
  'resource',
  'subresource',
  'name',
];
const PATH_FIELDS = ['path', 'verb'];

const message = (number: number, type: MessageSchema): FieldSchema => ({ number, type });

const strings = (names: readonly string[]): MessageSchema =>
  Object.fromEntries(names.map((name, index) => [name, { number: index + 1, type: 'string' }]));

// k8s.io/api/authorization/v1/generated.proto
const ACCESS_REVIEW: MessageSchema = {
  spec: message(2, {
    resourceAttributes: message(1, strings(RESOURCE_FIELDS)),
    nonResourceAttributes: message(2, strings(PATH_FIELDS)),
  }),
};
const RULES_REVIEW: MessageSchema = { spec: message(2, strings(['namespace'])) };

/**
 * Reads a SelfSubjectAccessReview, SelfSubjectRulesReview or SelfSubjectReview.
 * @throws BadRequest for a body that can't be read, UnsupportedMediaType
 */
export function readReview(body: Buffer, contentType: string | undefined): Review {
  const form = readBodyForm(contentType);
  const expected = { form, kind: '' };
  if (form !== 'protobuf') {
    const root = readObjectBody(body, expected);
    return {
      apiVersion: textAt(root, ['apiVersion']),
      kind: textAt(root, ['kind']),
      ...readSpec(root),
    };
  }
  return readOrRefuse(expected, () => {
    const envelope = openEnvelope(body, (kind) =>
      kind === 'SelfSubjectRulesReview' ? RULES_REVIEW : ACCESS_REVIEW,
    );
    const root = envelope.objects.at(-1);
    if (!root) throw new SyntaxError('proto: no object');
    return { apiVersion: envelope.apiVersion, kind: envelope.kind, ...readSpec(root) };
  });
}

function readSpec(root: BodyNode): Omit<Review, 'apiVersion' | 'kind'> {
  const read = (at: string, names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      names
        .map((name) => [name, textAt(root, ['spec', at, name])] as const)
        .filter(([, text]) => text !== ''),
    );
  return {
    resourceAttributes: read('resourceAttributes', RESOURCE_FIELDS),
    nonResourceAttributes: read('nonResourceAttributes', PATH_FIELDS),
    namespace: textAt(root, ['spec', 'namespace']),
  };
}
