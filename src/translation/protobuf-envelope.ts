import { textAt, type BodyNode } from './body-node.ts';
import { unsupportedMediaType } from './media-types.ts';
import { MessageNode } from './protobuf-node.ts';
import { TYPE_META, type MessageSchema } from './protobuf-schemas.ts';

/** What stands before every object in protobuf. */
const MAGIC = Buffer.from('k8s\0');
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** An object in protobuf: a message that says what it is, with the object's own message inside. */
export interface ProtobufEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The object; several where the field was repeated: readers take the last. */
  readonly objects: readonly BodyNode[];
  readonly isChanged: boolean;
  toBytes(): Buffer;
}

/**
 * @param schemaOf - the fields of an object of that kind
 * @throws SyntaxError when the bytes are no such message, UnsupportedMediaType when the object in it is
 * compressed or not protobuf
 */
export function openEnvelope(
  body: Buffer,
  schemaOf: (kind: string) => MessageSchema,
): ProtobufEnvelope {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new SyntaxError(`provided data does not appear to be a protobuf message`);
  }
  const bytes = body.subarray(MAGIC.length);
  const kind = textAt(new MessageNode(bytes, envelopeSchema({})), ['typeMeta', 'kind']);
  const message = new MessageNode(bytes, envelopeSchema(schemaOf(kind)));
  const contentType = textAt(message, ['contentType']);
  if (textAt(message, ['contentEncoding']) !== '' || !['', PROTOBUF].includes(contentType)) {
    throw unsupportedMediaType();
  }
  return {
    apiVersion: textAt(message, ['typeMeta', 'apiVersion']),
    kind,
    objects: message.fields('raw'),
    get isChanged() {
      return message.isChanged;
    },
    toBytes: () => Buffer.concat([MAGIC, message.toBytes()]),
  };
}

// k8s.io/apimachinery/pkg/runtime/generated.proto, message Unknown
function envelopeSchema(object: MessageSchema): MessageSchema {
  return {
    typeMeta: { number: 1, type: TYPE_META },
    raw: { number: 2, type: object },
    contentEncoding: { number: 3, type: 'string' },
    contentType: { number: 4, type: 'string' },
  };
}
