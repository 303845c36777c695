import type { BodyNode } from './body-node.ts';
import { readBodyForm } from './media-types.ts';
import { openEnvelope } from './protobuf-envelope.ts';
import type { MessageSchema } from './protobuf-schemas.ts';
import { readObjectBody, readOrRefuse } from './read-body.ts';

// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, message DeleteOptions
const DRY_RUN: MessageSchema = { dryRun: { number: 5, type: 'string' } };

/**
 * Whether the DeleteOptions of a body ask for a dry run: a deletion has no other place to say so for
 * clients that send one.
 * @throws BadRequest for a body that can't be read, UnsupportedMediaType
 */
export function isDryRun(body: Buffer, contentType: string | undefined): boolean {
  if (body.length === 0) return false;
  const form = readBodyForm(contentType);
  const expected = { form, kind: 'DeleteOptions' };
  if (form !== 'protobuf') return asksDryRun(readObjectBody(body, expected));
  return readOrRefuse(expected, () => openEnvelope(body, () => DRY_RUN).objects.some(asksDryRun));
}

function asksDryRun(options: BodyNode): boolean {
  return options.fields('dryRun').some((value) => !value.isNull && !value.isEmpty);
}
