import { garbage } from './untrusted.ts';

/** Field number → how the message in it is merged. */
export interface ProtobufRule {
  readonly messages?: Readonly<Record<number, ProtobufRule>>;
  /** Number of a repeated field of messages whose field 1 is a name: those of new names are added. */
  readonly named?: number;
}

interface Field {
  readonly number: number;
  /** Of a length-delimited field; undefined for others. */
  readonly content: Buffer | undefined;
  /** Tag, length and content. */
  readonly raw: Buffer;
}

const NAME_FIELD = 1;
const LENGTH_DELIMITED = 2;

/**
 * The union of protobuf messages: the first as it is, followed by what the others add. A reader of
 * protobuf merges the pieces of a message that is given more than once.
 * @throws BadGateway when one is not protobuf
 */
export function mergeProtobuf(messages: readonly Buffer[], rule: ProtobufRule): Buffer {
  const [first, ...others] = messages;
  if (!first) return Buffer.alloc(0);
  const before = [first];
  const pieces = [first];
  for (const message of others) {
    pieces.push(additions(message, before, rule));
    before.push(message);
  }
  return Buffer.concat(pieces);
}

/** What a message has that none of those before it has, as a message of the same type. */
function additions(message: Buffer, before: readonly Buffer[], rule: ProtobufRule): Buffer {
  const fields = readFields(message);
  const known = before.flatMap(readFields);
  const pieces: Buffer[] = [];
  if (rule.named !== undefined) {
    const names = new Set(namedFields(known, rule.named).map(({ name }) => name));
    const added = namedFields(fields, rule.named).filter(({ name }) => !names.has(name));
    pieces.push(...added.map(({ raw }) => raw));
  }
  for (const [text, deeper] of Object.entries(rule.messages ?? {})) {
    const number = Number(text);
    const content = additions(contents(fields, number), [contents(known, number)], deeper);
    if (content.length > 0) pieces.push(writeField(number, content));
  }
  return Buffer.concat(pieces);
}

function contents(fields: readonly Field[], number: number): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => (field.number === number ? (field.content ?? []) : [])),
  );
}

function namedFields(fields: readonly Field[], number: number): { name: string; raw: Buffer }[] {
  return fields.flatMap((field) => {
    if (field.number !== number || !field.content) return [];
    const name = readFields(field.content).find((inner) => inner.number === NAME_FIELD)?.content;
    return [{ name: name?.toString('utf8') ?? '', raw: field.raw }];
  });
}

/** The fields of a message, in order. @throws BadGateway when it is cut off or of an unknown wire type */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    const number = Math.floor(tag.value / 8);
    const content = contentAt(message, tag.end, tag.value % 8);
    if (content.end > message.length) throw garbage('protobuf is cut off');
    const isMessage = tag.value % 8 === LENGTH_DELIMITED;
    fields.push({
      number,
      content: isMessage ? message.subarray(content.start, content.end) : undefined,
      raw: message.subarray(at, content.end),
    });
    at = content.end;
  }
  return fields;
}

function contentAt(message: Buffer, at: number, wireType: number): { start: number; end: number } {
  switch (wireType) {
    case 0:
      return { start: at, end: readVarint(message, at).end };
    case 1:
      return { start: at, end: at + 8 };
    case LENGTH_DELIMITED: {
      const length = readVarint(message, at);
      return { start: length.end, end: length.end + length.value };
    }
    case 5:
      return { start: at, end: at + 4 };
    default:
      throw garbage(`protobuf has wire type ${wireType}`);
  }
}

function readVarint(message: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  for (let at = from; at < message.length && at < from + 10; at += 1) {
    const byte = message[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw garbage('protobuf is cut off');
}

function writeField(number: number, content: Buffer): Buffer {
  const tag = writeVarint(number * 8 + LENGTH_DELIMITED);
  return Buffer.concat([tag, writeVarint(content.length), content]);
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80) {
    bytes.push((left % 0x80) + 0x80);
    left = Math.floor(left / 0x80);
  }
  return Buffer.from([...bytes, left]);
}
