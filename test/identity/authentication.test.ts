import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  administratorsAuthorizer,
  authenticate,
  authorize,
  unauthorized,
  type Authenticator,
  type Authorizer,
  type User,
} from '../../src/identity/index.ts';

const REQUEST = new IncomingMessage(new Socket());

function user(name: string, ...groups: string[]): User {
  return { name, groups, uid: '', extra: {} };
}

function knows(answer: User | undefined): Authenticator {
  return { authenticate: () => Promise.resolve(answer) };
}

const refuses: Authenticator = { authenticate: () => Promise.reject(unauthorized()) };

describe('authentication', () => {
  it.each([
    {
      title: 'the first that knows',
      chain: [knows(undefined), knows(user('a')), knows(user('b'))],
      name: 'a',
    },
    { title: 'the only one', chain: [knows(user('c'))], name: 'c' },
    { title: 'one after another that refuses', chain: [refuses, knows(user('d'))], name: 'd' },
  ])('$title decides', async ({ chain, name }) => {
    expect(await authenticate(chain, REQUEST)).toMatchObject({
      name,
      groups: ['system:authenticated'],
    });
  });

  it.each([
    { title: 'nobody knows', chain: [knows(undefined)] },
    { title: 'there is nobody', chain: [] },
    { title: 'one refuses and nobody knows', chain: [refuses, knows(undefined)] },
  ])('is 401 when $title', async ({ chain }) => {
    await expect(authenticate(chain, REQUEST)).rejects.toMatchObject({
      code: 401,
      message: 'Unauthorized',
    });
  });

  it.each(['system:authenticated', 'system:unauthenticated'])(
    'does not add to %s',
    async (group) => {
      expect((await authenticate([knows(user('a', group))], REQUEST)).groups).toEqual([group]);
    },
  );
});

describe('authorization', () => {
  const access = { kind: 'path', verb: 'get', path: '/x' } as const;
  const says = (verdict: 'allow' | 'deny' | 'no opinion', reason = ''): Authorizer => ({
    authorize: () => Promise.resolve({ verdict, reason }),
  });

  it.each([
    {
      title: 'an administrator',
      chain: [administratorsAuthorizer],
      who: user('a', 'system:masters'),
    },
    {
      title: 'one allows after others had no opinion',
      chain: [says('no opinion'), says('allow')],
      who: user('a'),
    },
    {
      title: 'one allows before another denies',
      chain: [says('allow'), says('deny')],
      who: user('a'),
    },
  ])('lets pass: $title', async ({ chain, who }) => {
    await expect(authorize(chain, who, access)).resolves.toBeUndefined();
  });

  it.each([
    {
      title: 'nobody has an opinion',
      chain: [administratorsAuthorizer],
      message: 'forbidden: User "a" cannot get path "/x"',
    },
    {
      title: 'one denies before another allows',
      chain: [says('deny', 'no entry'), says('allow')],
      message: 'forbidden: User "a" cannot get path "/x": no entry',
    },
    { title: 'there is nobody', chain: [], message: 'forbidden: User "a" cannot get path "/x"' },
  ])('is 403 when $title', async ({ chain, message }) => {
    await expect(authorize(chain, user('a'), access)).rejects.toMatchObject({ code: 403, message });
  });

  it('fails when an authorizer fails: nobody is let through by accident', async () => {
    const broken: Authorizer = { authorize: () => Promise.reject(new Error('down')) };

    await expect(authorize([broken, says('allow')], user('a'), access)).rejects.toThrow('down');
  });
});
