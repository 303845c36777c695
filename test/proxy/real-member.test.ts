import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toStatusError } from '../../src/kube/index.ts';
import { fleetFromKubeconfig } from '../../src/kubeconfig/index.ts';
import { type Fleet, type Member } from '../../src/members/index.ts';
import { proxyRequest, proxyUpgrade } from '../../src/proxy/index.ts';
import * as rig from '../rig/index.ts';
import { type Loopback, authority, listenHttps } from '../support/loopback-member.ts';

interface Got {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

/** What differs from one answer to the next, whoever is asked. */
const PASSING = new Set([
  'date',
  'audit-id',
  'connection',
  // Of /openapi/v3: the moment of the answer.
  'last-modified',
  'keep-alive',
  'x-kubernetes-pf-flowschema-uid',
]);

async function ask(url: string, options: https.RequestOptions): Promise<Got> {
  const request = https.request(url, { agent: false, ...options }).end();
  const [res] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of res as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(res.headers).filter(([name]) => !PASSING.has(name));
  return {
    status: res.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

const skipReason = rig.rigSkipReason();
const silent = { info: () => undefined, warn: () => undefined };

describe.skipIf(skipReason)('a real member', { timeout: 90_000 }, () => {
  let real: rig.Fleet;
  let fleet: Fleet;
  let front: Loopback;
  let kubeconfig: string;

  /** Serves `/NAME/…` as the member of that name. */
  async function listenFront(): Promise<Loopback> {
    const route = (url = '/'): { member: Member; path: string } => {
      const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(url) ?? [];
      const member = fleet.get(name);
      if (!member) throw new Error(`no member ${name}`);
      return { member, path: rest };
    };
    return listenHttps(
      (req, res) => {
        proxyRequest({ ...route(req.url), req, res }).catch((error: unknown) => {
          const status = toStatusError(error);
          if (res.headersSent) return;
          res.writeHead(status.code, { 'content-type': 'application/json' });
          res.end(JSON.stringify(status.toStatus()));
        });
      },
      {
        onUpgrade: (req, socket, head) => {
          void proxyUpgrade({ ...route(req.url), req, socket, head });
        },
      },
    );
  }

  beforeAll(async () => {
    real = await rig.startFleet({
      members: [
        { name: 'new', nodes: 1 },
        { name: 'old', version: '1.34', controllers: false },
      ],
    });
    fleet = await fleetFromKubeconfig({
      files: [real.kubeconfig],
      contexts: undefined,
      env: process.env,
      log: silent,
      now: () => Date.now(),
    });
    fleet.start();
    await fleet.whenProbed();
    front = await listenFront();
    kubeconfig = join(real.directory, 'through-kubeconfig');
    const ca = Buffer.from(authority.certificate).toString('base64');
    const cluster = { server: `${front.url}/new`, 'certificate-authority-data': ca };
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'new',
        clusters: [{ name: 'new', cluster }],
        users: [{ name: 'none', user: { token: 'nobody knows it' } }],
        contexts: [{ name: 'new', context: { cluster: 'new', user: 'none' } }],
      }),
    );
    await real.member('new').apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    });
    const ready = ['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'];
    expect((await real.member('new').kubectl(ready)).code).toBe(0);
  });

  afterAll(async () => {
    await front.close();
    await fleet.close();
    await real.stop();
  });

  it('tells its version and identity by its probe', () => {
    expect(
      fleet.members.map(({ name, health }) => [name, health.isAlive, health.gitVersion]),
    ).toEqual([
      ['new', true, 'v1.36.3'],
      ['old', true, 'v1.34.4'],
    ]);
    const [one, two] = fleet.members.map(({ health }) => health.uid);
    expect(one).toMatch(/^[0-9a-f-]{36}$/);
    expect(two).not.toBe(one);
  });

  const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const PROTOBUF = 'application/vnd.kubernetes.protobuf';

  it.each(
    ['new', 'old'].flatMap((name) =>
      [
        { path: '/version', headers: {} },
        { path: '/api', headers: {} },
        { path: '/apis', headers: { accept: AGGREGATED } },
        { path: '/openapi/v3', headers: {} },
        { path: '/openapi/v2', headers: { 'accept-encoding': 'gzip' } },
        {
          path: '/openapi/v2',
          headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
        },
        { path: '/api/v1/namespaces', headers: {} },
        { path: '/api/v1/namespaces', headers: { accept: PROTOBUF } },
        {
          path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
          headers: { 'accept-encoding': 'gzip' },
        },
        { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=3', headers: {} },
        { path: '/api/v1/namespaces/kube-system', headers: { accept: TABLE } },
        {
          path: '/api/v1/pods?labelSelector=a%20in%20(b,c)&fieldSelector=spec.nodeName%3Dx',
          headers: {},
        },
        { path: '/api/v1/pods?labelSelector=%21%21', headers: {} },
        { path: '/api/v1/pods?resourceVersion=nonsense', headers: {} },
        { path: '/nowhere', headers: {} },
        { path: '/api/v1/namespaces/none', headers: {} },
        { path: '/healthz', headers: {} },
        { path: '/readyz?verbose', headers: {} },
        { path: '//', headers: {} },
      ].map((request) => ({ name, ...request })),
    ),
  )(
    '$name answers $path $headers.accept the same, directly and through us',
    async ({ name, path, headers }) => {
      const { url, authority: ca, client } = real.member(name);

      const direct = await ask(`${url}${path}`, {
        headers,
        ca,
        cert: client.certificate,
        key: client.key,
      });
      const through = await ask(`${front.url}/${name}${path}`, {
        headers,
        ca: authority.certificate,
      });

      expect(through.status).toBe(direct.status);
      expect(through.headers).toEqual(direct.headers);
      expect(through.body.equals(direct.body)).toBe(true);
    },
  );

  const through = async (...args: string[]) => rig.kubectl(args, { kubeconfig });

  it('is written to, watched and read by kubectl through us', async () => {
    const watch = await rig.startKubectl(['get', 'configmaps', '--watch-only', '-o', 'name'], {
      kubeconfig,
    });
    let seen = '';
    watch.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const big = 'x'.repeat(700_000);
    await expect
      .poll(
        async () => {
          await through('create', 'configmap', `c${Date.now()}`);
          return seen;
        },
        { timeout: 20_000, interval: 500 },
      )
      .toContain('configmap/c');

    const made = await through(
      'create',
      'configmap',
      'big',
      `--from-literal=x=${'y'.repeat(100_000)}`,
    );
    const patched = await through('patch', 'configmap', 'big', '-p', '{"data":{"x":"z"}}');
    const applied = await rig.kubectl(['apply', '--server-side', '-f', '-'], {
      kubeconfig,
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'large' },
        data: { big },
      }),
    });
    const read = await through('get', 'configmap', 'large', '-o', 'jsonpath={.data.big}');
    const gone = await through('delete', 'configmap', 'big', 'large');

    expect([made.code, patched.code, applied.code, gone.code]).toEqual([0, 0, 0, 0]);
    expect(read.stdout).toBe(big);
    await expect.poll(() => seen).toContain('configmap/large');
    watch.kill();
  });

  it('keeps kubectl from nothing: explain, api-resources, errors in its own words', async () => {
    const member = real.member('new');
    for (const args of [
      ['explain', 'pod.spec'],
      ['api-resources'],
      ['get', 'pod', 'none'],
      ['get', 'nothing'],
    ]) {
      const [ours, own] = await Promise.all([through(...args), member.kubectl(args)]);
      expect(ours).toEqual(own);
    }
  });

  it('streams logs, also while they grow', async () => {
    const member = real.member('new');
    await member.appendLog('first line');
    const follow = await rig.startKubectl(['logs', '-f', 'web'], { kubeconfig });
    let seen = '';
    follow.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));

    await expect.poll(() => seen, { timeout: 10_000 }).toContain('first line');
    await member.appendLog('a later line');
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('a later line');

    follow.kill();
  });

  it.each([
    { title: 'WebSocket', environment: undefined },
    { title: 'SPDY', environment: 'false' },
  ])('runs commands over $title', async ({ environment }) => {
    const before = process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'];
    if (environment !== undefined) process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'] = environment;

    const args = ['exec', 'web', '--', 'sh', '-c', 'echo out; exit 7'];
    const [ours, own] = await Promise.all([through(...args), real.member('new').kubectl(args)]);

    if (before === undefined) delete process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'];
    expect(ours).toEqual(own);
  });

  it('refuses an exec in its own words', async () => {
    const args = ['exec', 'none', '--', 'true'];

    expect(await through(...args)).toEqual(await real.member('new').kubectl(args));
  });

  it('follows a token that rotates', async () => {
    const { url, caFile } = real.member('old');
    const token = join(real.directory, 'token');
    await writeFile(token, 'wrong');
    const file = join(real.directory, 'token-kubeconfig');
    const entries = {
      clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': caFile } }],
      users: [{ name: 'u', user: { tokenFile: token } }],
      contexts: [{ name: 'by-token', context: { cluster: 'c', user: 'u' } }],
    };
    await writeFile(file, JSON.stringify(entries));
    const single = await fleetFromKubeconfig({
      files: [file],
      contexts: undefined,
      env: process.env,
      log: silent,
      now: () => Date.now(),
    });
    const member = single.get('by-token');
    const read = async () =>
      (await member!.fetch({ method: 'GET', path: '/api/v1/namespaces', timeoutMs: 5_000 }))
        .statusCode;
    single.start();
    await single.whenProbed();
    expect(await read()).toBe(401);
    expect(member?.health.lastError).toMatch(/unauthorised/);

    await writeFile(token, rig.TOKENS.admin);

    await expect.poll(read, { timeout: 5_000 }).toBe(200);
    await expect.poll(() => member?.health.lastError, { timeout: 8_000 }).toBeUndefined();
    await single.close();
  });

  it('that freezes is named within 10 s, keeps nobody waiting, and heals by itself', async () => {
    const frozen = real.member('old');
    const member = fleet.get('old');
    frozen.freeze();
    try {
      const started = performance.now();
      const early = ask(`${front.url}/old/api/v1/pods`, { ca: authority.certificate });

      await expect.poll(() => member?.health.isAlive, { timeout: 10_000 }).toBe(false);
      expect((await early).status).toBe(504);
      expect(performance.now() - started).toBeLessThan(12_000);

      const asked = performance.now();
      const answer = await ask(`${front.url}/old/api/v1/pods`, { ca: authority.certificate });
      expect(answer.status).toBe(504);
      expect(answer.body.toString()).toContain('cluster old: no answer within 3000 ms');
      expect(performance.now() - asked).toBeLessThan(4_500);
      expect((await ask(`${front.url}/new/version`, { ca: authority.certificate })).status).toBe(
        200,
      );
    } finally {
      frozen.thaw();
    }

    await expect.poll(() => member?.health.isAlive, { timeout: 10_000 }).toBe(true);
    expect((await ask(`${front.url}/old/version`, { ca: authority.certificate })).status).toBe(200);
  });

  it('that restarts is served again over new connections', async () => {
    const old = real.member('old');
    await old.kill();
    expect((await ask(`${front.url}/old/version`, { ca: authority.certificate })).status).toBe(503);

    await old.restart();

    await expect
      .poll(() => fleet.get('old')?.health.lastError, { timeout: 15_000 })
      .toBeUndefined();
    expect((await ask(`${front.url}/old/version`, { ca: authority.certificate })).status).toBe(200);
  });
});
