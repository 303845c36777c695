import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import { LRUCache } from 'lru-cache';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Bytes of documents kept expanded: those that were asked for of late. */
const MAX_EXPANDED_BYTES = 32 * 1024 * 1024;

/** SHA-512 in upper-case hexadecimal: how kube-apiserver names the content of an OpenAPI document. */
export function digestOf(content: Buffer | string): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase();
}

/** Where a v2 document is kept. @param digest - of its JSON */
export function v2Id(digest: string, encoding: 'json' | 'protobuf'): string {
  return `v2 ${encoding} ${digest}`;
}

interface Kept {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/**
 * OpenAPI documents by what identifies their content, compressed, each once however many members
 * have it.
 */
export class OpenApiContents {
  readonly #kept = new Map<string, Kept>();
  readonly #expanded = new LRUCache<string, Buffer>({
    maxSize: MAX_EXPANDED_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  });
  readonly #fetching = new Map<string, Promise<void>>();

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Digests of the v2 documents that are kept. */
  digestsOfV2(): string[] {
    const prefix = v2Id('', 'json');
    return [...this.#kept.keys()].flatMap((id) =>
      id.startsWith(prefix) ? [id.slice(prefix.length)] : [],
    );
  }

  /** There at once; compressed soon after. */
  put(id: string, bytes: Buffer): void {
    if (this.#kept.has(id)) return;
    const expanded = { isCompressed: false, bytes };
    this.#kept.set(id, expanded);
    void compress(bytes, { level: 6 }).then((compressed) => {
      if (this.#kept.get(id) === expanded) {
        this.#kept.set(id, { isCompressed: true, bytes: compressed });
      }
    });
  }

  /** Undefined when it is not kept. */
  async get(id: string): Promise<Buffer | undefined> {
    const kept = this.#kept.get(id);
    if (!kept?.isCompressed) return kept?.bytes;
    return this.#expanded.get(id) ?? this.#expand(id, kept.bytes);
  }

  /** What `make` makes of kept documents, remembered while it is asked for. */
  async derive(id: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const made = this.#expanded.get(id) ?? (await make());
    this.#expanded.set(id, made);
    return made;
  }

  /** Runs `fetch` unless one for the same id is under way, which is then waited for instead. */
  async fetchOnce(id: string, fetch: () => Promise<void>): Promise<void> {
    const running = this.#fetching.get(id);
    if (running) {
      await running.catch(() => undefined);
      return;
    }
    const fetching = fetch().finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, fetching);
    await fetching;
  }

  /** Forgets all documents but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#kept.keys()) {
      if (!ids.has(id)) this.#kept.delete(id);
    }
  }

  async #expand(id: string, compressed: Buffer): Promise<Buffer> {
    const bytes = await expand(compressed);
    this.#expanded.set(id, bytes);
    return bytes;
  }
}
