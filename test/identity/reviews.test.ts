import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  accessReviewAuthorizer,
  bearerToken,
  tokenReviewAuthenticator,
  type Access,
  type User,
} from '../../src/identity/index.ts';
import { StatusError } from '../../src/kube/index.ts';
import { scriptedHost } from './scripted-host.ts';

function request(headers: Record<string, string>): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  Object.assign(req.headers, headers);
  return req;
}

const withToken = (token: string): IncomingMessage => request({ authorization: `Bearer ${token}` });
const protocol = (token: string): string =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
const webSocket = (protocols: string): IncomingMessage =>
  request({ upgrade: 'websocket', 'sec-websocket-protocol': protocols });

describe('bearer tokens', () => {
  it.each([
    { title: 'a header', req: withToken('abc'), token: 'abc' },
    { title: 'a scheme in capitals', req: request({ authorization: 'BEARER abc' }), token: 'abc' },
    { title: 'another scheme', req: request({ authorization: 'Basic abc' }), token: undefined },
    { title: 'no token', req: request({ authorization: 'Bearer ' }), token: undefined },
    { title: 'nothing', req: request({}), token: undefined },
    {
      title: 'a subprotocol',
      req: webSocket(`v5.channel.k8s.io, ${protocol('äbc')}`),
      token: 'äbc',
    },
    {
      title: 'a subprotocol without a WebSocket',
      req: request({ 'sec-websocket-protocol': `x, ${protocol('abc')}` }),
      token: undefined,
    },
  ])('are read: $title', ({ req, token }) => {
    expect(bearerToken(req)).toBe(token);
  });

  it.each([
    { title: 'nothing else is offered', protocols: protocol('abc') },
    { title: 'there are two', protocols: `x, ${protocol('a')}, ${protocol('b')}` },
    { title: 'it is empty', protocols: `x, ${protocol('')}` },
    { title: 'it is not base64url', protocols: `x, ${protocol('abc')}=` },
  ])('as a subprotocol are refused when $title', ({ protocols }) => {
    expect(() => bearerToken(webSocket(protocols))).toThrow('Unauthorized');
  });
});

describe('token reviews', () => {
  const user = { username: 'jane', uid: '7', groups: ['a, b'], extra: { scope: ['x'] } };
  let clock = 1_000;
  const now = () => clock;

  it('give the user as the host has it', async () => {
    const host = scriptedHost(({ path, body }) => {
      expect(path).toBe('/apis/authentication.k8s.io/v1/tokenreviews');
      expect(body['spec']).toEqual({ token: 'good' });
      return [201, { status: { authenticated: true, user } }];
    });
    const authenticator = tokenReviewAuthenticator({ host, now });

    const { username: name, ...rest } = user;
    expect(await authenticator.authenticate(withToken('good'))).toEqual({ name, ...rest });
    expect(await authenticator.authenticate(request({}))).toBeUndefined();
  });

  it.each([
    { title: 'good', answer: { authenticated: true, user } },
    { title: 'bad', answer: { authenticated: false, error: 'expired' } },
    { title: 'nobody', answer: { authenticated: true, user: {} } },
  ])('of a token that is $title are asked once in ten seconds', async ({ title, answer }) => {
    const host = scriptedHost(() => [201, { status: answer }]);
    const authenticator = tokenReviewAuthenticator({ host, now });
    const look = async () =>
      authenticator.authenticate(withToken('t')).then(
        () => 'good',
        (err: unknown) => (err as StatusError).reason,
      );
    const outcome = title === 'good' ? 'good' : 'Unauthorized';

    expect(await Promise.all([look(), look(), look()])).toEqual([outcome, outcome, outcome]);
    clock += 9_999;
    expect(await look()).toBe(outcome);
    expect(host.asked()).toBe(1);
    clock += 2;
    expect(await look()).toBe(outcome);
    expect(host.asked()).toBe(2);
  });

  it('that fail are a 500, are not kept, and say nothing of the token', async () => {
    let isUp = false;
    const host = scriptedHost(() => [
      isUp ? 201 : 403,
      isUp ? { status: { authenticated: true, user } } : { reason: 'Forbidden', message: 'no' },
    ]);
    const authenticator = tokenReviewAuthenticator({ host, now });

    const failed = authenticator.authenticate(withToken('secret'));
    await expect(failed).rejects.toMatchObject({ code: 500, reason: 'InternalError' });
    await expect(failed).rejects.not.toThrow('secret');
    isUp = true;
    expect(await authenticator.authenticate(withToken('secret'))).toMatchObject({ name: 'jane' });
  });

  it('are asked again when the host does not answer just now', async () => {
    let attempts = 0;
    const host = scriptedHost(() => {
      attempts += 1;
      if (attempts < 3) throw new StatusError('ServiceUnavailable', 'gone');
      return [201, { status: { authenticated: true, user } }];
    });

    const authenticator = tokenReviewAuthenticator({ host, now });

    expect(await authenticator.authenticate(withToken('t'))).toMatchObject({ name: 'jane' });
  });
});

describe('access reviews', () => {
  const jane: User = { name: 'jane', groups: ['g'], uid: '', extra: {} };
  const place = { group: 'flotilla.io', version: 'v1alpha1', resource: 'views', namespace: '' };
  const access: Access = {
    kind: 'resource',
    verb: 'get',
    ...place,
    subresource: 'proxy',
    name: 'all',
  };
  let clock = 1_000;
  const now = () => clock;

  it.each([
    {
      title: 'a resource',
      who: { ...jane, uid: '7', extra: { scope: ['x'] } },
      wanted: access,
      spec: {
        user: 'jane',
        uid: '7',
        groups: ['g'],
        extra: { scope: ['x'] },
        resourceAttributes: {
          verb: 'get',
          group: 'flotilla.io',
          version: 'v1alpha1',
          resource: 'views',
          subresource: 'proxy',
          name: 'all',
        },
      },
    },
    {
      title: 'a path',
      who: jane,
      wanted: { kind: 'path', verb: 'get', path: '/metrics' } as const,
      spec: {
        user: 'jane',
        groups: ['g'],
        nonResourceAttributes: { verb: 'get', path: '/metrics' },
      },
    },
  ])('ask for $title', async ({ who, wanted, spec }) => {
    const host = scriptedHost(({ path, body }) => {
      expect(path).toBe('/apis/authorization.k8s.io/v1/subjectaccessreviews');
      expect(body['spec']).toEqual(spec);
      return [201, { status: { allowed: true } }];
    });

    const decision = await accessReviewAuthorizer({ host, now }).authorize(who, wanted);

    expect(decision).toEqual({ verdict: 'allow', reason: '' });
  });

  it.each([
    { status: { allowed: true, reason: 'bound' }, verdict: 'allow', reason: 'bound' },
    { status: { allowed: false, denied: true, reason: 'no' }, verdict: 'deny', reason: 'no' },
    { status: { allowed: true, denied: true }, verdict: 'deny', reason: '' },
    { status: { allowed: false }, verdict: 'no opinion', reason: '' },
    { status: undefined, verdict: 'no opinion', reason: '' },
  ])('$status is $verdict, for ten seconds', async ({ status, verdict, reason }) => {
    const host = scriptedHost(() => [201, { ...(status && { status }) }]);
    const authorizer = accessReviewAuthorizer({ host, now });
    const ask = async () => authorizer.authorize(jane, access);

    expect(await Promise.all([ask(), ask()])).toEqual([
      { verdict, reason },
      { verdict, reason },
    ]);
    expect(host.asked()).toBe(1);
    clock += 10_001;
    await ask();
    expect(host.asked()).toBe(2);
  });

  it.each([
    { title: 'another verb', who: jane, wanted: { ...access, verb: 'list' } },
    { title: 'another group', who: { ...jane, groups: ['g', 'h'] }, wanted: access },
    {
      title: 'groups that join to the same text',
      who: { ...jane, groups: ['g,h'] },
      wanted: access,
    },
    { title: 'another extra', who: { ...jane, extra: { a: ['b'] } }, wanted: access },
  ])('$title is another question', async ({ who, wanted }) => {
    const host = scriptedHost(() => [201, { status: { allowed: true } }]);
    const authorizer = accessReviewAuthorizer({ host, now });

    await authorizer.authorize(jane, access);
    await authorizer.authorize(who, wanted);

    expect(host.asked()).toBe(2);
  });

  it('that are very long are asked each time', async () => {
    const host = scriptedHost(() => [201, { status: { allowed: true } }]);
    const authorizer = accessReviewAuthorizer({ host, now });
    const who = { ...jane, groups: ['g'.repeat(10_000)] };

    await authorizer.authorize(who, access);
    await authorizer.authorize(who, access);

    expect(host.asked()).toBe(2);
  });

  it.each([
    { title: 'the host refuses', script: () => [403, { reason: 'Forbidden' }] as const },
    { title: 'the host breaks', script: () => [500, {}] as const },
    {
      title: 'the host is gone',
      script: () => {
        throw new StatusError('Timeout', 'late');
      },
    },
  ])('that fail because $title are a 500, never a yes', async ({ script }) => {
    const authorizer = accessReviewAuthorizer({ host: scriptedHost(script), now });

    await expect(authorizer.authorize(jane, access)).rejects.toMatchObject({
      code: 500,
      message: 'the host could not be asked whether this is allowed',
    });
  });
});
