/**
 * The bytes in memory that nothing else lies in: for what is kept. Small buffers share slabs with
 * others, and a slice keeps all of what it was cut from.
 */
export function inOwnMemory(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
