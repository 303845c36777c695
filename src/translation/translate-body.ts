import { textAt, type BodyNode } from './body-node.ts';
import { cleanObject, cleanPreconditions } from './clean-object.ts';
import { Cleaning } from './cleaning.ts';
import { translateJsonPatch } from './json-patch.ts';
import { readBodyForm, type BodyForm } from './media-types.ts';
import { openEnvelope } from './protobuf-envelope.ts';
import { schemaOf } from './protobuf-schemas.ts';
import { readJsonBody, readObjectBody, readOrRefuse } from './read-body.ts';
import type { TranslationTarget } from './translation-target.ts';

/** A body for the member. Nothing in it to translate: the very bytes that came. */
export interface Translated {
  readonly body: Buffer;
  readonly contentType: string;
}

/**
 * Turns what a client sends about an object of a view into what its member must get: an object, a
 * patch of any kind, DeleteOptions, or the body of a subresource. An empty body stays empty.
 *
 * @param contentType - of the request; none means JSON
 * @throws BadRequest for a body that can't be read or holds another object's name,
 * UnsupportedMediaType, Conflict for a stale resourceVersion, Invalid for what belongs to another member
 */
export function translateBody(
  body: Buffer,
  contentType: string | undefined,
  target: TranslationTarget,
): Translated {
  const form = readBodyForm(contentType);
  const sent = { body, contentType: contentType ?? 'application/json' };
  if (body.length === 0) return sent;
  switch (form) {
    case 'json':
    case 'merge-patch':
    case 'yaml':
    case 'apply':
      return translateObject(sent, form, target);
    case 'json-patch':
      return translatePatch(sent, target);
    case 'protobuf':
      return { ...sent, body: translateProtobuf(body, target) };
  }
}

function translateObject(sent: Translated, form: BodyForm, target: TranslationTarget): Translated {
  const root = readObjectBody(sent.body, { form, kind: target.kind });
  cleanBody(root, { form, kind: textAt(root, ['kind']) }, target);
  if (!root.isChanged) return sent;
  // JSON is YAML too, so that an apply keeps its type; an object is better sent as what it is.
  const contentType = form === 'yaml' ? 'application/json' : sent.contentType;
  return { body: root.toBytes(), contentType };
}

function translatePatch(sent: Translated, target: TranslationTarget): Translated {
  const patch = readJsonBody(sent.body, { form: 'json-patch', kind: target.kind });
  const translated = translateJsonPatch(patch, target);
  return translated ? { ...sent, ...translated } : sent;
}

function translateProtobuf(body: Buffer, target: TranslationTarget): Buffer {
  return readOrRefuse({ form: 'protobuf', kind: target.kind }, () => {
    const envelope = openEnvelope(body, (kind) => schemaOf(kind, target));
    for (const root of envelope.objects) {
      cleanBody(root, { form: 'protobuf', kind: envelope.kind }, target);
    }
    return envelope.isChanged ? envelope.toBytes() : body;
  });
}

/** @param found - how the body is written and the kind that it gives; '' if it gives none */
function cleanBody(
  root: BodyNode,
  found: { form: BodyForm; kind: string },
  target: TranslationTarget,
): void {
  const cleaning = new Cleaning(target);
  const isPatch = found.form === 'merge-patch' || found.form === 'apply';
  const isDeletion = !isPatch && (found.kind === '' || found.kind === 'DeleteOptions');
  if (isDeletion) cleanPreconditions(root, [], cleaning);
  if (target.subresource === 'eviction') cleanPreconditions(root, ['deleteOptions'], cleaning);
  cleanObject(root, cleaning);
}
