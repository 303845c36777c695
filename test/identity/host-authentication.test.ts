import { beforeAll, describe, expect, it } from 'vitest';
import {
  NO_HOST_AUTHENTICATION,
  readHostAuthentication,
  type HostAuthentication,
} from '../../src/identity/host-authentication.ts';
import { issueAuthority } from '../../src/identity/issue-certificate.ts';

describe('what a host publishes', () => {
  let one: string;
  let two: string;
  let data: Record<string, string>;
  let good: HostAuthentication;
  const faults: string[] = [];
  const read = (given: Record<string, string>, before = good): HostAuthentication => {
    faults.length = 0;
    return readHostAuthentication(given, before, ({ message }) => faults.push(message));
  };
  beforeAll(async () => {
    one = (await issueAuthority(Date.now())).cert;
    two = (await issueAuthority(Date.now())).cert;
    data = {
      'client-ca-file': one,
      'requestheader-client-ca-file': `# old\n${one}\n# new\n${two}`,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    };
    good = read(data, NO_HOST_AUTHENTICATION);
  });

  it('is read: every certificate of a bundle, header names in lower case', () => {
    expect(good).toEqual({
      clientAuthorities: [one],
      requestHeader: {
        authorities: [one, two],
        allowedNames: ['front-proxy-client'],
        usernameHeaders: ['x-remote-user'],
        uidHeaders: ['x-remote-uid'],
        groupHeaders: ['x-remote-group'],
        extraHeaderPrefixes: ['x-remote-extra-'],
      },
    });
  });

  it('may lack an aggregator, and uids', () => {
    const withoutUids = { ...data };
    delete withoutUids['requestheader-uid-headers'];

    expect(read({ 'client-ca-file': one }, NO_HOST_AUTHENTICATION).requestHeader).toBeUndefined();
    expect(read(withoutUids).requestHeader?.uidHeaders).toEqual([]);
    expect(faults).toEqual([]);
  });

  it.each([
    { title: 'everything is gone', change: () => ({}), fault: undefined },
    {
      title: 'the authorities are empty',
      change: () => ({ ...data, 'client-ca-file': '', 'requestheader-client-ca-file': ' ' }),
      fault: undefined,
    },
    {
      title: 'the authorities are garbage',
      change: () => ({ ...data, 'requestheader-client-ca-file': 'hello' }),
      fault: 'requestheader-client-ca-file holds no certificate',
    },
    {
      title: 'a certificate is broken',
      change: () => ({
        ...data,
        'client-ca-file': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      }),
      fault: 'client-ca-file holds a certificate that can not be read',
    },
    {
      title: 'names are not JSON',
      change: () => ({ ...data, 'requestheader-allowed-names': 'front-proxy-client' }),
      fault: 'requestheader-allowed-names is not a list of names',
    },
    {
      title: 'names are no list',
      change: () => ({ ...data, 'requestheader-group-headers': '{"a":1}' }),
      fault: 'requestheader-group-headers is not a list of names',
    },
  ])('stays as it was when $title', ({ change, fault }) => {
    expect(read(change())).toEqual(good);
    expect(faults).toEqual(
      fault === undefined ? [] : [`extension-apiserver-authentication: ${fault}`],
    );
  });

  it('changes part by part: a broken part does not hold up a good one', () => {
    const next = read({ ...data, 'client-ca-file': two, 'requestheader-allowed-names': 'x' });

    expect(next).toEqual({ ...good, clientAuthorities: [two] });
  });
});
