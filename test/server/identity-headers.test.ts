import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { stripIdentityHeaders } from '../../src/server/identity-headers.ts';

const BEARER = 'base64url.bearer.authorization.k8s.io.YWJj';

function request(...rawHeaders: string[]): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.rawHeaders.push(...rawHeaders);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    req.headers[(rawHeaders[i] ?? '').toLowerCase()] = rawHeaders[i + 1] ?? '';
  }
  return req;
}

describe('what tells an identity', () => {
  it('is removed from a request, everything else stays as it came', () => {
    const req = request(
      ...['Accept', 'a/b', 'X-REMOTE-User', 'jane', 'Authorization', 'Bearer x'],
      ...['X-Our-User', 'joe', 'Empty', '', 'accept', 'c/d'],
    );

    stripIdentityHeaders(req, (header) => header === 'x-our-user');

    expect(req.rawHeaders).toEqual(['Accept', 'a/b', 'Empty', '', 'accept', 'c/d']);
    expect(req.headers).toEqual({ accept: 'c/d', empty: '' });
  });

  it.each([
    { title: 'beside others', value: `a,${BEARER}, b`, want: 'a, b' },
    { title: 'alone', value: BEARER, want: undefined },
    { title: 'not at all', value: 'a,  b', want: 'a,  b' },
  ])('is removed from subprotocols: a token $title', ({ value, want }) => {
    const req = request('Sec-WebSocket-Protocol', value, 'Upgrade', 'websocket');

    stripIdentityHeaders(req);

    expect(req.headers['sec-websocket-protocol']).toBe(want);
    expect(req.rawHeaders).toEqual([
      ...(want === undefined ? [] : ['Sec-WebSocket-Protocol', want]),
      ...['Upgrade', 'websocket'],
    ]);
  });
});
