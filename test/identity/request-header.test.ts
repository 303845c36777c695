import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  requestHeaderAuthenticator,
  type RequestHeaderRules,
  type User,
} from '../../src/identity/index.ts';
import { issueAuthority, issueLeaf, type KeyPair } from '../../src/identity/issue-certificate.ts';

const NOW = Date.now();

const RULES = {
  allowedNames: ['front-proxy-client'],
  usernameHeaders: ['x-remote-user', 'x-other-user'],
  uidHeaders: ['x-remote-uid'],
  groupHeaders: ['x-remote-group', 'x-other-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
};

describe('users told in headers', () => {
  let authority: KeyPair;
  let stranger: KeyPair;
  let server: Server;
  let rules: RequestHeaderRules | undefined;
  const authenticator = requestHeaderAuthenticator({ rules: () => rules, now: () => NOW });
  beforeAll(async () => {
    [authority, stranger] = await Promise.all([issueAuthority(NOW), issueAuthority(NOW)]);
    const serving = await issueLeaf(authority, { kind: 'serving', names: ['localhost'] }, NOW);
    server = createServer({ ...serving, requestCert: true, rejectUnauthorized: false });
    server.on('request', (req, res) => {
      void authenticator.authenticate(req).then((user) => {
        res.end(JSON.stringify(user ?? null));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    rules = { ...RULES, authorities: [authority.cert] };
  });
  const proxy = async (by = authority, user = 'front-proxy-client'): Promise<KeyPair> =>
    issueLeaf(by, { kind: 'client', user, groups: [] }, NOW);
  const ask = async (headers: readonly string[], as?: KeyPair): Promise<User | null> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const lines = ['Host', 'localhost', ...headers];
      const options = {
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        agent: false,
        headers: lines,
      };
      const call = request({ ...options, ca: authority.cert, ...as }, (res) => {
        let text = '';
        res.on('data', (chunk) => (text += String(chunk)));
        res.on('end', () => {
          resolve(JSON.parse(text) as User | null);
        });
      });
      call.once('error', reject).end();
    });

  it.each([
    {
      title: 'name, uid, groups with commas, extra',
      headers: [
        ...['X-Remote-User', 'jane', 'X-Remote-Uid', '7'],
        ...['X-Remote-Group', 'a, b', 'x-remote-group', 'c'],
        ...[
          'X-Remote-Extra-Example.com%2FScope',
          'one, two',
          'x-remote-extra-example.com%2fscope',
          '3',
        ],
        ...['X-Remote-Extra-Odd%zz', 'kept'],
      ],
      user: {
        name: 'jane',
        uid: '7',
        groups: ['a, b', 'c'],
        extra: { 'example.com/scope': ['one, two', '3'], 'odd%zz': ['kept'] },
      },
    },
    {
      title: 'the first name that is not empty, groups of all headers',
      headers: [
        ...['X-Remote-User', '', 'X-Other-User', 'joe'],
        ...['X-Other-Group', 'o', 'X-Remote-Group', 'r', 'X-Remote-Group', ''],
      ],
      user: { name: 'joe', uid: '', groups: ['r', 'o'], extra: {} },
    },
    {
      title: 'an extra key that is a trap',
      headers: ['X-Remote-User', 'jane', 'X-Remote-Extra-__proto__', 'x'],
      user: {
        name: 'jane',
        uid: '',
        groups: [],
        extra: JSON.parse('{"__proto__":["x"]}') as object,
      },
    },
  ])('by the aggregator are read: $title', async ({ headers, user }) => {
    expect(await ask(headers, await proxy())).toEqual(user);
  });

  it('any name of a certificate will do when none is asked for', async () => {
    rules = { ...RULES, allowedNames: [], authorities: [stranger.cert, authority.cert] };

    expect(await ask(['X-Remote-User', 'jane'], await proxy(authority, 'any'))).toMatchObject({
      name: 'jane',
    });
  });

  it.each([
    { title: 'who shows no certificate', as: async () => Promise.resolve(undefined) },
    { title: 'who shows a certificate of another authority', as: async () => proxy(stranger) },
    {
      title: 'who shows a certificate with another name',
      as: async () => proxy(authority, 'jane'),
    },
    {
      title: 'who shows a certificate made for servers',
      as: async () => issueLeaf(authority, { kind: 'serving', names: ['front-proxy-client'] }, NOW),
    },
  ])('are not believed of one $title', async ({ as }) => {
    expect(await ask(['X-Remote-User', 'jane'], await as())).toBeNull();
  });

  it('are nobody without a name', async () => {
    expect(await ask(['X-Remote-Group', 'g'], await proxy())).toBeNull();
  });

  it('are not read when the host has no aggregator', async () => {
    rules = undefined;

    expect(await ask(['X-Remote-User', 'jane'], await proxy())).toBeNull();
  });

  it('an authority that is taken away is not believed on an open connection either', async () => {
    const as = await proxy();
    const before = await ask(['X-Remote-User', 'jane'], as);
    rules = { ...RULES, authorities: [stranger.cert] };

    expect(before).not.toBeNull();
    expect(await ask(['X-Remote-User', 'jane'], as)).toBeNull();
  });

  it.each([
    ['x-other-user', true],
    ['x-remote-extra-anything', true],
    ['x-other-group', true],
    ['accept', false],
  ])('%s is a header that tells who asks: %s', (header, claimed) => {
    expect(authenticator.claims?.(header)).toBe(claimed);
  });
});
