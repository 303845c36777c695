import { Agent, request } from 'undici';

import type { Member } from '../rig/index.ts';

/** A plain API client of one member. */
export interface MemberClient {
  /** The parsed answer. @throws with the Status' message when the answer is not a success */
  readonly send: (method: string, path: string, body?: object) => Promise<unknown>;
  readonly get: (path: string, accept?: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Speaks to the member as its administrator. */
export function memberClient({ url, authority, client }: Member): MemberClient {
  const dispatcher = new Agent({
    connect: { ca: authority, cert: client.certificate, key: client.key },
  });

  async function exchange(
    method: string,
    path: string,
    { body, accept = 'application/json' }: { body?: object | undefined; accept?: string },
  ): Promise<unknown> {
    const answer = await request(url + path, {
      method: method as 'GET',
      dispatcher,
      headers: { accept, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return JSON.parse(text);
    throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  }

  return {
    send: async (method, path, body) => exchange(method, path, { body }),
    get: async (path, accept) => exchange('GET', path, accept === undefined ? {} : { accept }),
    close: async () => dispatcher.close(),
  };
}
