import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Agent, request as send } from 'undici';

import type { CatalogLog } from '../../src/catalog/index.ts';
import { memberUnavailable } from '../../src/kube/index.ts';
import type { Fleet, Member, MemberFetch, MemberReply } from '../../src/members/index.ts';

/** Says nothing. */
export const silentLog: CatalogLog & { error(fields: object, message: string): void } = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What a fake member answers to one path: a JSON value, a whole answer, or never. */
export type Answer =
  | { readonly json: unknown; readonly headers?: Record<string, string> }
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'never';

/** A loopback HTTP server that answers a table of paths; anything else is 404. */
export interface FakeMember {
  readonly member: Member;
  readonly answers: Map<string, (req: IncomingMessage) => Answer>;
  /** Paths in the order they were asked for. */
  readonly asked: string[];
  /** What the probe would find out. */
  readonly setAlive: (isAlive: boolean) => void;
  readonly close: () => Promise<void>;
}

/** Starts one that is alive and has no paths but `/version`. */
export async function startFakeMember(name: string, gitVersion = 'v1.36.0'): Promise<FakeMember> {
  const answers: FakeMember['answers'] = new Map();
  answers.set('/version', () => ({ json: { gitVersion } }));
  answers.set('/readyz', () => ({ status: 200, body: 'ok' }));
  const asked: string[] = [];
  const server = createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    asked.push(path);
    respond(res, answers.get(path)?.(req) ?? { status: 404, body: '404 page not found' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const agent = new Agent();
  const listeners = new Set<() => void>();
  let isAlive = true;
  const member = {
    name,
    server: url,
    health: {
      get isAlive() {
        return isAlive;
      },
      lastAnswerMs: undefined,
      get lastError() {
        return isAlive ? undefined : 'it does not answer';
      },
      gitVersion: undefined,
      uid: undefined,
      onChange: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    fetch: async (options: MemberFetch) => fetchFrom(name, agent, { url, options }),
    request: async () => Promise.reject(new Error('not asked by the catalog')),
    upgrade: async () => Promise.reject(new Error('not asked by the catalog')),
    dispatch: () => {
      throw new Error('not asked by the catalog');
    },
  } satisfies Member;
  return {
    member,
    answers,
    asked,
    setAlive: (value) => {
      isAlive = value;
      for (const listener of listeners) listener();
    },
    close: async () => {
      await agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function respond(res: ServerResponse, answer: Answer): void {
  if (answer === 'never') return;
  const isJson = 'json' in answer;
  const type = isJson ? 'application/json' : 'text/plain';
  res.writeHead(isJson ? 200 : answer.status, { 'content-type': type, ...answer.headers });
  res.end(isJson ? JSON.stringify(answer.json) : answer.body);
}

async function fetchFrom(
  name: string,
  dispatcher: Agent,
  { url, options }: { url: URL; options: MemberFetch },
): Promise<MemberReply> {
  try {
    const { statusCode, headers, body } = await send(new URL(options.path, url), {
      dispatcher,
      method: 'GET',
      headers: { ...options.headers } as Record<string, string>,
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    return {
      statusCode,
      headers: headers as MemberReply['headers'],
      body: Buffer.from(await body.arrayBuffer()),
    };
  } catch (err) {
    throw memberUnavailable(name, 'it does not answer', err);
  }
}

/** A fleet of these, sorted by name. */
export function fleetOf(
  ...members: readonly Member[]
): Fleet & { readonly drop: (name: string) => void } {
  let present = members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const listeners = new Set<() => void>();
  return {
    get members() {
      return present;
    },
    get: (name) => present.find((member) => member.name === name),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => undefined,
    whenProbed: async () => Promise.resolve(),
    close: async () => Promise.resolve(),
    drop: (name) => {
      present = present.filter((member) => member.name !== name);
      for (const listener of listeners) listener();
    },
  };
}
