import { isUtf8 } from 'node:buffer';
import { MalformedJson } from './malformed-json.ts';

/**
 * Refuses bytes that are not well-formed UTF-8. Go's encoder never writes such bytes, and what we
 * take in is handed on unchanged to clients that may refuse or silently alter it.
 *
 * @throws MalformedJson with the offset of the first bad sequence
 */
export function checkUtf8(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new MalformedJson('invalid UTF-8', firstBadSequence(bytes));
}

function firstBadSequence(bytes: Buffer): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes[offset] ?? 0);
    if (length > 1 && !isUtf8(bytes.subarray(offset, offset + length))) return offset;
    offset += length;
  }
  return offset;
}

/** Bytes of the sequence that a lead byte announces; for a stray byte any length above 1 will do. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
