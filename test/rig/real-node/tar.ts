/** An entry of a tar archive; the modes are permission bits. */
export type TarEntry =
  | { readonly path: string; readonly file: Buffer; readonly mode?: number }
  | { readonly path: string; readonly directory: true; readonly mode?: number }
  | { readonly path: string; readonly linkTo: string };

const BLOCK = 512;

/**
 * Packs entries in the given order as a ustar archive owned by root, with no times in it: equal entries
 * give equal bytes. Paths are at most 100 bytes long.
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = 'file' in entry ? entry.file : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc(padding(content.length))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

function header(entry: TarEntry, size: number): Buffer {
  const { type, mode, link } = describe(entry);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  };
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`too long for a tar: ${entry.path}`);
  block.write(entry.path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write(link, 157);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function describe(entry: TarEntry): { type: string; mode: number; link: string } {
  if ('file' in entry) return { type: '0', mode: entry.mode ?? 0o644, link: '' };
  if ('linkTo' in entry) return { type: '2', mode: 0o777, link: entry.linkTo };
  return { type: '5', mode: entry.mode ?? 0o755, link: '' };
}
