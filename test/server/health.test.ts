import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type OpenServer } from './open-server.ts';

describe('health', () => {
  const store: { failure: string | undefined } = { failure: undefined };
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer({
      checks: [{ name: 'store', endpoints: ['readyz'], failure: () => store.failure }],
    });
  });
  afterAll(async () => open.close());
  const get = async (path: string): Promise<{ code: number; text: string }> => {
    const { code, text } = await open.ask(path, { as: undefined });
    return { code, text };
  };

  it.each([
    { path: '/readyz', text: 'ok' },
    { path: '/livez/ping', text: 'ok' },
    {
      path: '/readyz?verbose',
      text: '[+]store ok\n[+]ping ok\n[+]shutdown ok\nreadyz check passed\n',
    },
    { path: '/livez?verbose', text: '[+]ping ok\nlivez check passed\n' },
    {
      path: '/readyz?verbose&exclude=store&exclude=nope',
      text: '[+]store excluded: ok\n[+]ping ok\n[+]shutdown ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
    },
  ])('$path of a healthy server', async ({ path, text }) => {
    expect(await get(path)).toEqual({ code: 200, text });
  });

  it('a failing check fails readyz with its name but not its reason, and livez not at all', async () => {
    store.failure = 'the disk is full';

    expect(await get('/readyz')).toEqual({
      code: 500,
      text: '[-]store failed: reason withheld\n[+]ping ok\n[+]shutdown ok\nreadyz check failed\n',
    });
    expect(await get('/readyz?exclude=store')).toEqual({ code: 200, text: 'ok' });
    expect((await get('/readyz/store')).code).toBe(500);
    expect((await get('/livez')).code).toBe(200);
  });

  it('an unknown check is 404', async () => {
    expect((await get('/readyz/nope')).code).toBe(404);
  });
});
