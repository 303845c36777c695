import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { builtProgram, type Language } from './programs.ts';

/** One client program in one of its modes; `README.md` here lists them. */
export interface ClientKind {
  readonly language: Language;
  readonly mode: string;
}

/** Where a client looks. */
export interface ClientPlace {
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
}

/** What a client knows of one object. */
export interface Fact {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

/** Object by `namespace/name`. */
export type Facts = Readonly<Record<string, Fact>>;

/** What the library's cache holds, and what the library did for it since its start. */
export interface Cache {
  readonly objects: Facts;
  /** How often each handler of the library was called. */
  readonly changes: {
    readonly added: number;
    readonly updated: number;
    readonly deleted: number;
  };
  /** Requests for the collection, by what they asked for. */
  readonly requests: { readonly list: number; readonly watch: number };
  /** Errors that the library told its user about. */
  readonly troubles: readonly string[];
}

/** The reply to a write. */
export interface Wrote {
  /** The one object as the server answered it. */
  readonly objects: Facts;
  /** Content type of the body that was sent. */
  readonly bodyType: string;
}

/** A running client whose cache is complete. */
export interface Client {
  readonly cache: () => Promise<Cache>;
  /** Lists in pages of `limit`, as the library pages. */
  readonly list: (limit: number) => Promise<Facts>;
  /** Sets `data.written` by a read and an update. */
  readonly write: (name: string, value: string) => Promise<Wrote>;
  /** Closes its input; @returns its exit code, -1 when it had to be killed */
  readonly end: () => Promise<number>;
}

const PATIENCE_MS = 90_000;

/**
 * Starts a client and waits until its library says that its cache is complete.
 *
 * @throws when it ends, answers with an error or stays silent for a minute and a half
 */
export async function startClient(kind: ClientKind, place: ClientPlace): Promise<Client> {
  const [file, ...args] = await builtProgram(kind.language);
  const flags = Object.entries({ ...place, mode: kind.mode }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const child = spawn(file, [...args, ...flags], { stdio: 'pipe' });
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => {
      resolve(code ?? -1);
    });
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4000);
  });
  // It may end before it has read everything; its silence tells then.
  child.stdin.on('error', () => undefined);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const title = `${kind.language} ${kind.mode}`;

  const answer = async (event: string): Promise<unknown> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const line = await lines.next();
    clearTimeout(timer);
    if (line.done) throw new Error(`${title} ended: ${words}`);
    const said = JSON.parse(line.value) as { event: string };
    if (said.event !== event) throw new Error(`${title}, asked for ${event}: ${line.value}`);
    return said;
  };
  const ask = async <Answer>(command: object, event: string): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return (await answer(event)) as Answer;
  };

  try {
    await answer('synced');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    cache: async () => ask<Cache>({ do: 'cache' }, 'cache'),
    list: async (limit) => (await ask<{ objects: Facts }>({ do: 'list', limit }, 'listed')).objects,
    write: async (name, value) => ask<Wrote>({ do: 'write', name, value }, 'wrote'),
    end: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
}
