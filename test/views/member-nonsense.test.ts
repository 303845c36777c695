import { describe, expect, it, vi } from 'vitest';
import type { MemberFetch, MemberReply } from '../../src/members/index.ts';
import { VIEW_ALL } from '../../src/views/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews } from '../support/scripted-views.ts';

const WEB = { namespace: 'shop', name: 'web' };
const PATH = '/api/v1/namespaces/shop/pods/web@m1';

/** Streams well; answers single requests with what it is told. */
class OddMember extends ScriptedMember {
  saysOnly: { readonly statusCode: number; readonly text: string } | undefined;

  override async fetch(options: MemberFetch): Promise<MemberReply> {
    if (!this.saysOnly) return super.fetch(options);
    const { statusCode, text } = this.saysOnly;
    return Promise.resolve({ statusCode, headers: {}, body: Buffer.from(text) });
  }
}

async function open(): Promise<{ member: OddMember } & ReturnType<typeof scriptedViews>> {
  const member = new OddMember('m1');
  member.put(WEB, 1);
  const opened = scriptedViews([member]);
  await bodyOf(await opened.ask(''));
  return { member, ...opened };
}

const status = (code: number): string => JSON.stringify({ kind: 'Status', code, message: 'no' });

describe('a read of one object', () => {
  it.each([
    { statusCode: 200, text: '<html>Sign in</html>' },
    { statusCode: 200, text: '{"kind":"Pod","meta' },
    { statusCode: 200, text: '{"kind":"Secret","metadata":{"name":"web"}}' },
    { statusCode: 401, text: status(401) },
    { statusCode: 403, text: status(403) },
    { statusCode: 404, text: '404 page not found' },
    { statusCode: 429, text: status(429) },
    { statusCode: 500, text: status(500) },
    { statusCode: 502, text: 'no healthy upstream' },
  ])('is answered as last known, and said to be old, when the answer is %o', async (answer) => {
    const { member, ask, close } = await open();
    member.saysOnly = answer;

    const shown = await ask('', { path: PATH });

    expect(shown.statusCode).toBe(200);
    expect(await bodyOf(shown)).toMatchObject({ metadata: { name: 'web@m1' } });
    expect(shown.freshness?.map(({ cluster, state }) => [cluster, state])).toEqual([
      ['m1', 'stale'],
    ]);
    await close();
  });

  it('is answered with the 404 of the member that speaks of the object', async () => {
    const { member, ask, close } = await open();
    member.saysOnly = { statusCode: 404, text: status(404) };

    expect((await ask('', { path: PATH })).statusCode).toBe(404);
    await close();
  });

  it.each([
    { statusCode: 200, text: '<html>Sign in</html>', reason: 'ServiceUnavailable' },
    { statusCode: 401, text: status(401), reason: 'ServiceUnavailable' },
    { statusCode: 502, text: 'no healthy upstream', reason: 'ServiceUnavailable' },
    { statusCode: 404, text: '404 page not found', reason: 'NotFound' },
  ])('of which nothing is known fails with $reason for %o', async ({ reason, ...answer }) => {
    const { member, ask, close } = await open();
    member.saysOnly = answer;

    await expect(ask('', { path: PATH.replace('web@', 'other@') })).rejects.toMatchObject({
      reason,
    });
    await close();
  });
});

describe('a deletion', () => {
  it('that is answered with nonsense is not believed', async () => {
    const { member, views, informers, close } = await open();
    member.saysOnly = { statusCode: 200, text: '<html>Sign in</html>' };

    const deletion = views.handle({
      view: VIEW_ALL,
      method: 'DELETE',
      path: PATH,
      query: new URLSearchParams(),
      headers: { accept: 'application/json' },
      user: { name: 'tester', uid: '', groups: [], extra: {} },
      readBody: async () => Promise.resolve(Buffer.alloc(0)),
      signal: new AbortController().signal,
    });

    await expect(deletion).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    const [pods] = informers.list();
    await vi.waitFor(() => {
      expect(pods?.cache.get('m1', 'shop/web')).toBeDefined();
    });
    await close();
  });
});
