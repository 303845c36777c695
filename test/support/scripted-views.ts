import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Informers } from '../../src/informers/index.ts';
import { VersionClock } from '../../src/kube/index.ts';
import type { Fleet } from '../../src/members/index.ts';
import { Views, VIEW_ALL, type Answer, type View } from '../../src/views/index.ts';
import { podsCatalog } from './pods-catalog.ts';
import type { ScriptedMember } from './scripted-member.ts';

/** Views over scripted members, with time sped up. */
export function scriptedViews(members: readonly ScriptedMember[]): {
  readonly views: Views;
  readonly informers: Informers;
  readonly ask: (query: string, options?: AskOptions) => Promise<Answer>;
  readonly close: () => Promise<void>;
} {
  let mark = 0n;
  const clock = new VersionClock({
    replica: 7,
    now: Date.now,
    highWaterMark: { read: () => mark, write: (next) => (mark = next) },
  });
  const log = pino({ level: 'silent' });
  const fleet = {
    members,
    get: (name: string) => members.find((member) => member.name === name),
    start: () => undefined,
    onChange: () => () => undefined,
    whenProbed: async () => Promise.resolve(),
    close: async () => Promise.resolve(),
  } satisfies Fleet;
  const informers = new Informers({
    clock,
    log,
    now: Date.now,
    sleep: async (ms, signal) => sleep(Math.min(ms / 20, 50), undefined, { signal }),
    membersOf: () => members,
    onGone: () => undefined,
  });
  const catalog = podsCatalog(members.map(({ name }) => name));
  const views = new Views({
    fleet,
    catalog,
    informers,
    clock,
    log,
    now: Date.now,
    deadlineMs: 300,
    mayUseView: async () => Promise.resolve(true),
  });
  return {
    views,
    informers,
    ask: async (query, options = {}) => {
      const { path = '/api/v1/pods', view = VIEW_ALL, method = 'GET', signal, accept } = options;
      const answer = await views.handle({
        view,
        method,
        path,
        query: new URLSearchParams(query),
        headers: { accept: accept ?? 'application/json', 'content-type': options.contentType },
        user: { name: 'tester', uid: '', groups: [], extra: {} },
        readBody: async () => Promise.resolve(Buffer.from(options.body ?? '')),
        signal: signal ?? new AbortController().signal,
      });
      if ('member' in answer) throw new Error('a passage, where an answer was expected');
      return answer;
    },
    close: async () => informers.close(),
  };
}

export interface AskOptions {
  readonly path?: string;
  readonly view?: View;
  readonly signal?: AbortSignal;
  readonly accept?: string;
  readonly method?: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** The whole body of an answer that ends, as text. */
export async function textOf(answer: Answer): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer.body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** The whole body of an answer that ends. */
export async function bodyOf(answer: Answer): Promise<unknown> {
  return JSON.parse(await textOf(answer));
}
