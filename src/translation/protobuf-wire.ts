/** One field of a message, as it lies in the bytes. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** Where its tag begins. */
  readonly start: number;
  /** Where its value begins: past the length, where it has one. */
  readonly valueStart: number;
  readonly end: number;
}

export const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIXED64 = 1;
const FIXED32 = 5;

/** 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10;
const MAX_TAG = 0xffffffff;

/**
 * Cuts a message into its fields, without schema. Tags and lengths that Go would wrap around are
 * refused, so that no field reads differently there.
 * @throws SyntaxError
 */
export function readWireFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const field = readField(bytes, at);
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function readField(bytes: Buffer, start: number): WireField {
  const tag = readVarint(bytes, start);
  const number = Math.floor(tag.value / 8);
  const wireType = tag.value % 8;
  if (tag.value > MAX_TAG || number === 0) throw new SyntaxError('proto: illegal tag');
  const { valueStart, end } = readExtent(bytes, tag.end, wireType);
  if (end > bytes.length) throw new SyntaxError('proto: unexpected EOF');
  return { number, wireType, start, valueStart, end };
}

function readExtent(
  bytes: Buffer,
  at: number,
  wireType: number,
): { valueStart: number; end: number } {
  switch (wireType) {
    case VARINT:
      return { valueStart: at, end: readVarint(bytes, at).end };
    case FIXED64:
      return { valueStart: at, end: at + 8 };
    case FIXED32:
      return { valueStart: at, end: at + 4 };
    case LENGTH_DELIMITED: {
      const length = readVarint(bytes, at);
      return { valueStart: length.end, end: length.end + length.value };
    }
    default:
      throw new SyntaxError(`proto: illegal wireType ${wireType}`);
  }
}

/** The value is exact up to 2^53 and more than any sensible tag or length beyond it. */
function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new SyntaxError('proto: unexpected EOF');
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  throw new SyntaxError('proto: integer overflow');
}

/** A length-delimited field. */
export function encodeField(number: number, value: Buffer): Buffer {
  const tag = encodeVarint(number * 8 + LENGTH_DELIMITED);
  return Buffer.concat([tag, encodeVarint(value.length), value]);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
