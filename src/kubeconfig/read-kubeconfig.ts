import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { badRequest } from '../kube/index.ts';

/** A mapping as it stands in a kubeconfig. */
export type Entry = Readonly<Record<string, unknown>>;

/** A named entry and the folder that its relative paths start from. */
export interface PlacedEntry {
  readonly name: string;
  readonly entry: Entry;
  readonly directory: string;
}

/** Several kubeconfig files as one. */
export interface Kubeconfig {
  /** Of the first file that names one. */
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, PlacedEntry>;
  readonly clusters: ReadonlyMap<string, PlacedEntry>;
  readonly users: ReadonlyMap<string, PlacedEntry>;
}

export interface KubeconfigReader {
  /**
   * The files as they are now, read again only if one has changed.
   * @throws BadRequest that names the file that can't be read or understood
   */
  read(): Promise<Kubeconfig>;
}

export interface KubeconfigFiles {
  readonly files: readonly string[];
  /** A file of a list need not exist; one that was asked for by name must. */
  readonly mayBeMissing: boolean;
}

/** Says whether a file is another than it was: time, size and inode, or that it is missing. */
export async function fileStamp(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return 'missing';
  }
}

/** Where kubectl would look: the files of KUBECONFIG, else the one in the user's home. */
export function defaultKubeconfigFiles(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  const home = env['HOME'] ?? env['USERPROFILE'] ?? '';
  return home === '' ? [] : [path.join(home, '.kube', 'config')];
}

/** Merges files as kubectl does: for each name, the first file that has it counts. */
export function kubeconfigReader({ files, mayBeMissing }: KubeconfigFiles): KubeconfigReader {
  let known: { readonly stamp: string; readonly kubeconfig: Promise<Kubeconfig> } | undefined;
  return {
    async read() {
      const stamp = (await Promise.all(files.map(fileStamp))).join('|');
      if (known?.stamp !== stamp) {
        known = { stamp, kubeconfig: readAll(files, mayBeMissing) };
        // A failure is told to whoever asked; the next asker tries again.
        known.kubeconfig.catch(() => (known = undefined));
      }
      return known.kubeconfig;
    },
  };
}

async function readAll(files: readonly string[], mayBeMissing: boolean): Promise<Kubeconfig> {
  const merged = {
    contexts: new Map<string, PlacedEntry>(),
    clusters: new Map<string, PlacedEntry>(),
    users: new Map<string, PlacedEntry>(),
  };
  let currentContext: string | undefined;
  for (const file of files) {
    const content = await readOne(file, mayBeMissing);
    currentContext ??= asText(content['current-context']);
    const directory = path.dirname(path.resolve(file));
    addAll(merged.contexts, namedEntries(content['contexts'], 'context', directory));
    addAll(merged.clusters, namedEntries(content['clusters'], 'cluster', directory));
    addAll(merged.users, namedEntries(content['users'], 'user', directory));
  }
  return { ...merged, ...(currentContext !== undefined && { currentContext }) };
}

async function readOne(file: string, mayBeMissing: boolean): Promise<Entry> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (mayBeMissing && code === 'ENOENT') return {};
    throw badRequest(`can't read the kubeconfig ${file} (${code}); name one that exists`);
  }
  try {
    return asEntry(parse(text)) ?? {};
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw badRequest(`the kubeconfig ${file} is not YAML: ${line}`);
  }
}

function addAll(target: Map<string, PlacedEntry>, entries: readonly PlacedEntry[]): void {
  for (const entry of entries) if (!target.has(entry.name)) target.set(entry.name, entry);
}

function namedEntries(list: unknown, key: string, directory: string): PlacedEntry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const named = asEntry(item);
    const name = named?.['name'];
    if (typeof name !== 'string' || name === '') return [];
    return [{ name, entry: asEntry(named?.[key]) ?? {}, directory }];
  });
}

/** The value if it is a mapping. */
export function asEntry(value: unknown): Entry | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Entry)
    : undefined;
}

/** The value if it is a text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
