import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetFromKubeconfig } from '../../src/kubeconfig/index.ts';
import { type Fleet, type Member } from '../../src/members/index.ts';
import { type Loopback, authority, listenHttp, listenHttps } from '../support/loopback-member.ts';

const open: { close: () => Promise<void> }[] = [];
let directory: string;
let nowMs: number;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'access-'));
  nowMs = Date.now();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await rm(directory, { recursive: true });
});

const log = { info: () => undefined, warn: () => undefined };

/** Writes a kubeconfig of one context, in place by rename as rotating tools do. */
async function writeConfig(server: string, user: object, cluster: object = {}): Promise<void> {
  const ca = Buffer.from(authority.certificate).toString('base64');
  const config = {
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'ctx', context: { cluster: 'c', user: 'u' } }],
  };
  await writeFile(join(directory, 'new'), JSON.stringify(config));
  await rename(join(directory, 'new'), join(directory, 'config'));
}

async function openFleet(env: Record<string, string | undefined> = process.env): Promise<Fleet> {
  const fleet = await fleetFromKubeconfig({
    files: [join(directory, 'config')],
    contexts: undefined,
    env,
    log,
    now: () => nowMs,
  });
  open.push(fleet);
  return fleet;
}

/** Answers with who asks; 401 unless `accepts` says otherwise. */
async function listenLogin(accepts: (req: IncomingMessage) => boolean): Promise<Loopback> {
  const server = await listenHttps(
    (req, res) => {
      const certificate = (req.socket as unknown as TLSSocket).getPeerCertificate();
      res.statusCode = accepts(req) ? 200 : 401;
      const { authorization, ...headers } = req.headers;
      res.end(
        JSON.stringify({
          authorization,
          cn: (certificate.subject as { CN?: string } | undefined)?.CN,
          headers,
        }),
      );
    },
    { wantsClientCertificate: true },
  );
  open.push(server);
  return server;
}

interface Seen {
  readonly status: number;
  readonly authorization?: string;
  readonly cn?: string;
  readonly headers: Record<string, string>;
}

async function ask(member: Member | undefined): Promise<Seen> {
  const { statusCode, body } = await member!.fetch({ method: 'GET', path: '/', timeoutMs: 5_000 });
  return { status: statusCode, ...(JSON.parse(body.toString()) as Omit<Seen, 'status'>) };
}

async function write(name: string, text: string, mode = 0o600): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const jwt = (exp: number) =>
  ['{"alg":"none"}', JSON.stringify({ exp }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('credentials of a kubeconfig user', () => {
  const basic = `Basic ${Buffer.from('ann:s3').toString('base64')}`;

  it.each([
    { title: 'a token', user: { token: 't' }, want: 'Bearer t' },
    {
      title: 'a name and password',
      user: { username: 'ann', password: 's3' },
      want: basic,
    },
    { title: 'none', user: {}, want: undefined },
    {
      title: 'an OIDC provider',
      user: { 'auth-provider': { name: 'oidc', config: { 'id-token': jwt(4e9) } } },
      want: `Bearer ${jwt(4e9)}`,
    },
    {
      title: 'a token file, which goes before a token',
      user: { token: 'inline', tokenFile: 'token' },
      want: 'Bearer from-file',
    },
  ])('$title', async ({ user, want }) => {
    await write('token', 'from-file\n');
    await writeConfig((await listenLogin(() => true)).url, user);

    expect((await ask((await openFleet()).get('ctx'))).authorization).toBe(want);
  });

  it('a client certificate, inline or from files relative to the kubeconfig', async () => {
    const { certificate, key } = await authority.issue({ commonName: 'inline' });
    const other = await authority.issue({ commonName: 'file' });
    await write('c.pem', other.certificate);
    await write('k.pem', other.key);
    const { url } = await listenLogin(() => true);
    await writeConfig(url, {
      'client-certificate-data': Buffer.from(certificate).toString('base64'),
      'client-key-data': Buffer.from(key).toString('base64'),
    });
    const fleet = await openFleet();

    expect((await ask(fleet.get('ctx'))).cn).toBe('inline');

    await writeConfig(url, { 'client-certificate': 'c.pem', 'client-key': 'k.pem' });
    nowMs += 1_000;
    expect((await ask(fleet.get('ctx'))).cn).toBe('file');
  });

  it('an impersonation', async () => {
    await writeConfig((await listenLogin(() => true)).url, {
      token: 't',
      as: 'ann',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'x/y': ['1'] },
    });

    const { headers } = await ask((await openFleet()).get('ctx'));

    expect(headers).toMatchObject({
      'impersonate-user': 'ann',
      'impersonate-group': 'a, b',
      'impersonate-extra-x%2fy': '1',
    });
  });

  it.each([
    { title: 'a token file', user: { tokenFile: 'gone' }, want: /can't read tokenFile .*gone/ },
    {
      title: 'a certificate',
      user: { 'client-certificate': 'gone', 'client-key': 'gone' },
      want: /can't read client-certificate .*gone \(ENOENT\); put it there/,
    },
    {
      title: 'a plugin',
      user: { exec: { apiVersion: 'v1', command: './gone' } },
      want: /can't run the credential plugin/,
    },
  ])('that lack $title leave a member that says so', async ({ user, want }) => {
    await writeConfig('https://127.0.0.1:9', user);
    const fleet = await openFleet();

    await expect(ask(fleet.get('ctx'))).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(want) as string,
    });
  });

  it('that were missing are taken once they are there', async () => {
    await writeConfig((await listenLogin(() => true)).url, { tokenFile: 'late' });
    const fleet = await openFleet();
    await expect(ask(fleet.get('ctx'))).rejects.toThrow("can't read tokenFile");

    await write('late', 'now');
    nowMs += 5_000;

    expect((await ask(fleet.get('ctx'))).authorization).toBe('Bearer now');
  });
});

describe('credentials that rotate', () => {
  it('in a token file are followed without a refusal', async () => {
    const token = await write('token', 'old');
    await writeConfig((await listenLogin(() => true)).url, { tokenFile: 'token' });
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));

    await writeFile(token, 'newer');
    nowMs += 1_000;

    expect((await ask(fleet.get('ctx'))).authorization).toBe('Bearer newer');
  });

  it('are read anew after a 401, at once, and the request is said again', async () => {
    const token = await write('token', 'old');
    let good = 'Bearer old';
    await writeConfig((await listenLogin((req) => req.headers.authorization === good)).url, {
      tokenFile: 'token',
    });
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));

    good = 'Bearer rotated';
    await writeFile(token, 'rotated');

    expect(await ask(fleet.get('ctx'))).toMatchObject({ status: 200, authorization: good });
  });

  it('leave a 401 as it is when there is nothing newer', async () => {
    await writeConfig((await listenLogin(() => false)).url, { token: 't' });
    const fleet = await openFleet();

    expect((await ask(fleet.get('ctx'))).status).toBe(401);
    expect((await ask(fleet.get('ctx'))).status).toBe(401);
  });

  it('in a client certificate are followed with new connections', async () => {
    const first = await authority.issue({ commonName: 'first' });
    const second = await authority.issue({ commonName: 'second' });
    const certificate = await write('c.pem', first.certificate);
    const key = await write('k.pem', first.key);
    await writeConfig((await listenLogin(() => true)).url, {
      'client-certificate': 'c.pem',
      'client-key': 'k.pem',
    });
    const fleet = await openFleet();
    expect((await ask(fleet.get('ctx'))).cn).toBe('first');

    await writeFile(certificate, second.certificate);
    await writeFile(key, second.key);
    nowMs += 1_000;

    expect((await ask(fleet.get('ctx'))).cn).toBe('second');
  });

  it('in a half-written kubeconfig leave the old ones in use', async () => {
    await writeConfig((await listenLogin(() => true)).url, { token: 'good' });
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));

    await writeFile(join(directory, 'config'), 'clusters: [');
    nowMs += 1_000;

    expect((await ask(fleet.get('ctx'))).authorization).toBe('Bearer good');
  });

  it('in a server address are followed', async () => {
    await writeConfig((await listenLogin(() => true)).url, { token: 'a' });
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));
    const second = await listenLogin(() => true);

    await writeConfig(second.url, { token: 'b' });
    nowMs += 1_000;

    expect((await ask(fleet.get('ctx'))).authorization).toBe('Bearer b');
    expect(fleet.get('ctx')?.server.port).toBe(String(second.port));
  });
});

describe('credential plugins', () => {
  const apiVersion = 'client.authentication.k8s.io/v1';

  /** A plugin that counts its runs, tells its environment, and gives the token of file `token`. */
  async function writePlugin(expirationTimestamp?: string): Promise<object> {
    const end =
      expirationTimestamp === undefined ? '' : `,"expirationTimestamp":"${expirationTimestamp}"`;
    await write(
      'plugin',
      `#!/bin/sh
cd "$(dirname "$0")"
echo run >> runs
echo "$KUBERNETES_EXEC_INFO $EXTRA $1" > seen
printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"%s"${end}}}' "$(cat token)"
`,
      0o700,
    );
    await write('token', 'first');
    return {
      exec: {
        apiVersion,
        command: './plugin',
        args: ['argument'],
        env: [{ name: 'EXTRA', value: 'extra' }],
        interactiveMode: 'IfAvailable',
        provideClusterInfo: true,
      },
    };
  }
  const runs = async () => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1;

  it('run once for many requests, and are told what kubectl tells them', async () => {
    const { url } = await listenLogin(() => true);
    await writeConfig(url, await writePlugin());
    const fleet = await openFleet();

    const all = await Promise.all([1, 2, 3, 4].map(async () => ask(fleet.get('ctx'))));
    nowMs += 60_000;
    await ask(fleet.get('ctx'));

    expect(all.every(({ authorization }) => authorization === 'Bearer first')).toBe(true);
    expect(await runs()).toBe(1);
    const [info = '', ...rest] = (await readFile(join(directory, 'seen'), 'utf8'))
      .trim()
      .split(' ');
    expect(rest).toEqual(['extra', 'argument']);
    expect(JSON.parse(info)).toMatchObject({
      apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: url } },
    });
  });

  it('run again when their credential has expired', async () => {
    await writeConfig(
      (await listenLogin(() => true)).url,
      await writePlugin(new Date(nowMs + 60_000).toISOString()),
    );
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));

    await write('token', 'second');
    nowMs += 61_000;

    expect((await ask(fleet.get('ctx'))).authorization).toBe('Bearer second');
    expect(await runs()).toBe(2);
  });

  it('run again after a 401, but not for every one', async () => {
    let good = 'Bearer first';
    await writeConfig(
      (await listenLogin((req) => req.headers.authorization === good)).url,
      await writePlugin(),
    );
    const fleet = await openFleet();
    await ask(fleet.get('ctx'));
    await write('token', 'second');
    good = 'Bearer second';

    expect((await ask(fleet.get('ctx'))).status).toBe(200);

    good = 'nobody';
    for (let round = 0; round < 5; round += 1) await ask(fleet.get('ctx'));
    expect(await runs()).toBe(2);
    nowMs += 5_000;
    await ask(fleet.get('ctx'));
    expect(await runs()).toBe(3);
  });

  it.each([
    {
      title: 'fail',
      script: 'echo please log in >&2; exit 3',
      want: /failed, exit code 3: please log in/,
    },
    {
      title: 'print garbage',
      script: 'echo secret-token',
      want: /gave no client\.auth.* credential$/,
    },
    {
      title: 'answer in another version',
      script: `echo '{"apiVersion":"v0","status":{"token":"x"}}'`,
      want: /gave no client\.auth/,
    },
  ])('that $title are named, their output is not', async ({ script, want }) => {
    await write('plugin', `#!/bin/sh\necho run >> ${directory}/runs\n${script}\n`, 0o700);
    await writeConfig('https://127.0.0.1:9', { exec: { apiVersion, command: './plugin' } });
    const fleet = await openFleet();

    const error = await ask(fleet.get('ctx')).catch((thrown: unknown) => thrown as Error);
    await ask(fleet.get('ctx')).catch(() => undefined);

    expect((error as Error).message).toMatch(want);
    expect((error as Error).message).not.toContain('secret-token');
    expect(await runs()).toBe(1);
  });

  it('that take too long do not hold a request past its deadline', async () => {
    await write('plugin', '#!/bin/sh\nexec sleep 3\n', 0o700);
    await writeConfig('https://127.0.0.1:9', { exec: { apiVersion, command: './plugin' } });
    const fleet = await openFleet();

    const asked = fleet.get('ctx')!.fetch({ method: 'GET', path: '/', timeoutMs: 300 });

    await expect(asked).rejects.toMatchObject({ reason: 'Timeout' });
  });
});

it('plain http is spoken where the kubeconfig says so', async () => {
  const server = await listenHttp((_req, res) => res.end('{}'));
  open.push(server);
  await writeConfig(server.url, {});

  expect((await ask((await openFleet()).get('ctx'))).status).toBe(200);
});
