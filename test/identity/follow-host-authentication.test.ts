import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followHostAuthentication, type FollowedHost } from '../../src/identity/index.ts';
import type { ConnectedMember } from '../../src/members/index.ts';
import { eventually } from '../rig/index.ts';
import {
  authority,
  listenHttps,
  memberAt,
  stranger,
  type Loopback,
} from '../support/loopback-member.ts';

const ROOT = '/api/v1/namespaces/kube-system/configmaps';
const log = pino({ level: 'silent' });

function configMap(pem: string): object {
  return { metadata: { resourceVersion: '7' }, data: { 'client-ca-file': pem } };
}

describe('following what a host publishes', () => {
  let server: Loopback;
  let host: ConnectedMember;
  let listed: { code: number; items: object[] };
  let lists = 0;
  let watches: { url: string; res: ServerResponse }[] = [];
  let followed: FollowedHost | undefined;
  beforeEach(async () => {
    listed = { code: 200, items: [configMap(authority.certificate)] };
    lists = 0;
    watches = [];
    server = await listenHttps((req, res) => {
      const url = req.url ?? '';
      if (url.includes('watch=1')) {
        watches.push({ url, res });
        res.writeHead(200).flushHeaders();
        return;
      }
      lists += 1;
      res.writeHead(listed.code, { 'content-type': 'application/json' });
      const failure = { reason: 'Forbidden', message: 'not for you' };
      const list = { metadata: { resourceVersion: '11' }, items: listed.items };
      res.end(JSON.stringify(listed.code === 200 ? list : failure));
    });
    host = memberAt(server.url);
  });
  afterEach(async () => {
    await followed?.close();
    followed = undefined;
    await host.close();
    await server.close();
  });
  const follow = async () => (followed = await followHostAuthentication({ host, log }));
  const watching = async (count: number) =>
    eventually('a watch', () => watches.length === count && watches[count - 1]);
  const trusts = async (credential: { certificate: string }) =>
    eventually(
      'the authority',
      () => followed?.current().clientAuthorities.join('').trim() === credential.certificate.trim(),
    );

  it('reads that one ConfigMap, and watches it from there', async () => {
    await follow();
    const { url } = await watching(1);

    await trusts(authority);
    expect(url).toMatch(
      new RegExp(`^${ROOT}\\?fieldSelector=metadata.name%3Dextension-apiserver-`),
    );
    expect(url).toContain('resourceVersion=11');
  });

  it('fails with what the host says when it may not read', async () => {
    listed = { code: 403, items: [] };

    await expect(follow()).rejects.toMatchObject({ reason: 'Forbidden', message: 'not for you' });
  });

  it('takes what a watch tells, in whatever pieces it comes; keeps what was good when it is deleted', async () => {
    await follow();
    const { res } = await watching(1);
    const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
    const text = line('MODIFIED', configMap(stranger.certificate)) + line('DELETED', configMap(''));
    res.write(text.slice(0, 40));
    await eventually('a moment', () => true);
    res.write(text.slice(40));

    await trusts(stranger);
    expect(followed?.current().clientAuthorities).toHaveLength(1);
  });

  it.each([
    { title: 'has ended', end: (res: ServerResponse) => res.end() },
    { title: 'was cut', end: (res: ServerResponse) => res.destroy() },
    { title: 'spoke nonsense', end: (res: ServerResponse) => res.end('nonsense\n') },
  ])('reads again when a watch $title', async ({ end }) => {
    await follow();
    const { res } = await watching(1);
    listed = { code: 200, items: [configMap(stranger.certificate)] };
    end(res);

    await trusts(stranger);
    await watching(2);
    expect(lists).toBe(2);
  });

  it('keeps what was good while it can not be read, and comes back', async () => {
    await follow();
    const { res } = await watching(1);
    listed = { code: 403, items: [] };
    res.end();
    await eventually('a refused read', () => lists === 2);
    await trusts(authority);
    listed = { code: 200, items: [configMap(stranger.certificate)] };
    (await watching(2)).res.end();

    await trusts(stranger);
  });
});
