import { CLUSTER_LABEL } from '../kube/index.ts';
import { textAt, type BodyNode } from './body-node.ts';
import { readBodyForm } from './media-types.ts';
import { openEnvelope } from './protobuf-envelope.ts';
import { ANY_OBJECT } from './protobuf-schemas.ts';
import { readObjectBody, readOrRefuse } from './read-body.ts';

/** What a body that is to be created says of where it belongs; '' for what it does not say. */
export interface CreateTarget {
  readonly apiVersion: string;
  readonly kind: string;
  /** As written, so maybe qualified. */
  readonly name: string;
  readonly generateName: string;
  readonly namespace: string;
  /** The value of the virtual label. */
  readonly clusterLabel: string;
}

/**
 * Reads where a create goes, without translating it.
 * @throws BadRequest for a body that can't be read, UnsupportedMediaType
 */
export function readCreateTarget(body: Buffer, contentType: string | undefined): CreateTarget {
  const form = readBodyForm(contentType);
  const expected = { form, kind: '' };
  if (form !== 'protobuf') {
    const root = readObjectBody(body, expected);
    const type = { apiVersion: textAt(root, ['apiVersion']), kind: textAt(root, ['kind']) };
    return { ...type, ...readMetadata(root) };
  }
  return readOrRefuse(expected, () => {
    const envelope = openEnvelope(body, () => ANY_OBJECT);
    const root = envelope.objects.at(-1);
    if (!root) throw new SyntaxError('proto: no object');
    return { apiVersion: envelope.apiVersion, kind: envelope.kind, ...readMetadata(root) };
  });
}

function readMetadata(root: BodyNode): Omit<CreateTarget, 'apiVersion' | 'kind'> {
  return {
    name: textAt(root, ['metadata', 'name']),
    generateName: textAt(root, ['metadata', 'generateName']),
    namespace: textAt(root, ['metadata', 'namespace']),
    clusterLabel: textAt(root, ['metadata', 'labels', CLUSTER_LABEL]),
  };
}
