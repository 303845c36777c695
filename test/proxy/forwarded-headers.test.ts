import { describe, expect, it } from 'vitest';
import {
  forwardedHeaders,
  relayedHeaders,
  upgradeHeaders,
} from '../../src/proxy/forwarded-headers.ts';

describe('headers that go on to a member', () => {
  it.each([
    'Authorization',
    'Cookie',
    'X-Remote-User',
    'x-remote-extra-scopes',
    'Impersonate-User',
    'Impersonate-Extra-a%2Fb',
    'X-Forwarded-For',
    'Forwarded',
    'Proxy-Authorization',
  ])('never hold %s', (name) => {
    expect(forwardedHeaders([name, 'x'])).toEqual({});
    expect(upgradeHeaders([name, 'x'])).toEqual([]);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Host',
    'Expect',
  ])('of a plain request do not hold %s', (name) => {
    expect(forwardedHeaders([name, 'x'])).toEqual({});
  });

  it('do not hold what Connection names', () => {
    expect(
      forwardedHeaders(['Connection', 'close, X-Mine', 'x-mine', '1', 'Accept', '*/*']),
    ).toEqual({
      Accept: '*/*',
    });
  });

  it('keep names as they are written, and repeated lines', () => {
    expect(forwardedHeaders(['X-A', '1', 'aCCept', 'b', 'x-a', '2'])).toEqual({
      'X-A': ['1', '2'],
      aCCept: 'b',
    });
  });

  it('of an upgrade keep what asks for it, line by line', () => {
    const raw = [
      'Connection',
      'Upgrade',
      'Upgrade',
      'SPDY/3.1',
      'X-Stream-Protocol-Version',
      'v4',
      'X-Stream-Protocol-Version',
      'v5',
    ];

    expect(upgradeHeaders(['Host', 'us', ...raw])).toEqual(raw);
  });

  it.each([
    { given: 'v5.channel.k8s.io', want: ['v5.channel.k8s.io'] },
    { given: 'base64url.bearer.authorization.k8s.io.c2VjcmV0, v4', want: ['v4'] },
    { given: 'base64url.bearer.authorization.k8s.io.c2VjcmV0', want: [] },
  ])('of an upgrade hold of protocols $given only $want', ({ given, want }) => {
    const values = upgradeHeaders(['Sec-WebSocket-Protocol', given]).slice(1);

    expect(values).toEqual(want);
  });
});

it('headers that come back keep all but what speaks of the connection', () => {
  const kept = ['Warning', '299 - "a"', 'Warning', '299 - "b"', 'Content-Encoding', 'gzip'];
  const raw = ['Connection', 'close, X-Hop', 'X-Hop', '1', 'Transfer-Encoding', 'chunked', ...kept];

  expect(relayedHeaders(raw)).toEqual(kept);
});
