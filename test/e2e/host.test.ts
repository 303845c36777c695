import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  TOKENS,
  eventually,
  freePort,
  rigSkipReason,
  startFleet,
  startKubectl,
  type Fleet,
} from '../rig/index.ts';
import { createAuthority, type Credential } from '../rig/pki.ts';
import { ask, type Asking } from './ask.ts';
import { startServedHost, type ServedHost } from './served-host.ts';

const REVIEWS = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const ALL = '/apis/flotilla.io/v1alpha1/views/all/proxy';
const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';

const selfReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

function clusterRole(name: string, subject: object, rules: readonly object[]): object[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name }, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects: [subject] },
  ];
}

const VIEWER = { kind: 'User', name: 'viewer', apiGroup: 'rbac.authorization.k8s.io' };

describe.skipIf(rigSkipReason())("behind a real host's aggregator", { timeout: 120_000 }, () => {
  let fleet: Fleet;
  let served: ServedHost;
  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'm1', nodes: 1 },
        { name: 'm2', version: '1.34', nodes: 1 },
      ],
      // Kubernetes 1.33 and later can tell the uid too.
      host: { name: 'host', apiServerFlags: ['--requestheader-uid-headers=X-Remote-Uid'] },
    });
    await Promise.all(
      fleet.members.map(async (member) => {
        await member.kubectl(['run', 'web', '--image=web:1']);
        await member.kubectl(['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s']);
      }),
    );
    served = await startServedHost(fleet, { viewer: TOKENS.viewer });
  }, 240_000);
  afterAll(async () => {
    await served.flotilla.stop();
    await fleet.stop();
  });
  /** Straight to us, past the host. */
  const straight = async (path: string, asking: Partial<Asking> = {}) =>
    ask(`${served.flotilla.url}${path}`, { ca: served.authority, ...asking });
  const asViewer = ['Authorization', `Bearer ${TOKENS.viewer}`];
  const deleteNamespace = async (name: string) => {
    await served.kubectl(['create', 'namespace', name]);
    await served.kubectl(['create', 'configmap', 'a', '-n', name]);
    return served.kubectl(['delete', 'namespace', name, '--timeout=50s']);
  };

  it('is available within seconds', async () => {
    const startedAt = Date.now();
    const { code } = await served.kubectl([
      'wait',
      '--for=condition=Available',
      '--timeout=60s',
      ...['cluster.karmada.io', 'search.karmada.io', 'flotilla.io'].map(
        (group) => `apiservice/v1alpha1.${group}`,
      ),
    ]);

    expect(code).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it.each(['1.32', '1.36'] as const)('kubectl %s knows our kinds at the host', async (version) => {
    const run = async (...args: string[]) => served.kubectl(args, { version });
    const clusters = await run('get', 'clusters');
    const views = await run('get', 'views', '-o', 'name');
    const resources = await run('api-resources', '--api-group=flotilla.io', '-o', 'name');
    const raw = await run('get', '--raw', `${CLUSTERS}/m2/proxy/version`);

    expect(clusters.stdout).toMatch(/^m1 +v1\.36\.\d+ +Push +True +/m);
    expect(views.stdout).toBe('view.flotilla.io/all\nview.flotilla.io/control-plane\n');
    expect(resources.stdout).toBe('views.flotilla.io\n');
    expect(JSON.parse(raw.stdout)).toMatchObject({ minor: '34' });
    // The host reads openapi once a minute.
    await eventually('explain', async () =>
      (await run('explain', 'clusters.spec.syncMode')).stdout.includes('Push'),
    );
  });

  it("the host's own schemas are not touched by ours", async () => {
    const { stdout } = await served.kubectl(['get', '--raw', '/openapi/v3']);

    const { paths } = JSON.parse(stdout) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const { stdout: pods } = await served.kubectl(['explain', 'pods.spec.containers.image']);
    expect(Object.keys(paths)).toContain('apis/flotilla.io/v1alpha1');
    expect(pods).toContain('Container image name');
  });

  it.each([
    { context: 'all', stdout: /^web@m1 +m1 +1\/1 +Running [^]*^web@m2 +m2 /m },
    { context: 'karmada', stdout: /^web +m1 +1\/1 +Running [^]*^web +m2 /m },
    { context: 'm2', stdout: /^web +1\/1 +Running / },
  ])('context $context lists pods through the host', async ({ context, stdout }) => {
    const { stdout: got, stderr } = await served.kubectl(['get', 'pods', '--no-headers'], {
      context,
    });

    expect(got).toMatch(stdout);
    expect(stderr).toBe('');
  });

  it.each([
    { context: 'all', pod: 'web@m1' },
    { context: 'm1', pod: 'web' },
  ])('context $context carries logs and writes to the member', async ({ context, pod }) => {
    const mark = `mark-${context}`;
    const labelled = await served.kubectl(['label', 'pod', pod, `${mark}=yes`], { context });
    const logs = await served.kubectl(['logs', pod], { context });
    const there = await fleet
      .member('m1')
      .kubectl(['get', 'pod', 'web', '-o', `jsonpath={.metadata.labels.${mark}}`]);

    expect(labelled.stderr).toBe('');
    expect(logs.stdout).toContain('m1 has started');
    expect(there.stdout).toBe('yes');
  });

  it.each([
    { context: 'all', pod: 'web@m1', webSockets: 'true' },
    { context: 'all', pod: 'web@m1', webSockets: 'false' },
    { context: 'm1', pod: 'web', webSockets: 'true' },
    { context: 'm1', pod: 'web', webSockets: 'false' },
  ])('exec in context $context, WebSockets $webSockets', async ({ context, pod, webSockets }) => {
    process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'] = webSockets;
    try {
      const { stdout, stderr } = await served.kubectl(['exec', pod, '--', 'echo', 'hello'], {
        context,
      });

      expect({ stdout, stderr }).toEqual({ stdout: 'hello\n', stderr: '' });
    } finally {
      delete process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'];
    }
  });

  it('port-forward goes through the host to the right member', async () => {
    const port = await freePort();
    const child = await startKubectl(['--context', 'm2', 'port-forward', 'pod/web', `${port}:80`], {
      kubeconfig: served.kubeconfig,
    });
    const text = await eventually('port-forward', async () =>
      (await fetch(`http://127.0.0.1:${port}/`)).text(),
    );
    child.kill();

    expect(text).toContain('m2');
  });

  it('a watch through the host tells of changes as they happen', async () => {
    const child = await startKubectl(['--context', 'all', 'get', 'pods', '-w', '-o', 'name'], {
      kubeconfig: served.kubeconfig,
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    await eventually('the first rows', () => text.includes('web@m2'));
    const rows = text.split('\n').length;
    await fleet.member('m2').kubectl(['label', 'pod', 'web', 'watched=yes']);
    await eventually('the change', () => text.split('\n').length > rows);
    child.kill();

    expect(text.trim().split('\n').at(-1)).toBe('pod/web@m2');
  });

  describe('who asks', () => {
    it.each([
      { title: 'X-Remote-User alone', headers: ['X-Remote-User', 'admin'] },
      {
        title: 'X-Remote-User with a group',
        headers: ['X-Remote-User', 'admin', 'X-Remote-Group', 'system:masters'],
      },
      { title: 'nothing', headers: [] },
      { title: 'a token that is none', headers: ['Authorization', 'Bearer nonsense'] },
    ])('$title, straight to us, is 401', async ({ headers }) => {
      const { code, json } = await straight(CLUSTERS, { headers });

      expect(code).toBe(401);
      expect(json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized' });
    });

    it('a forged header is not believed beside a valid token, nor passed on', async () => {
      const headers = [...asViewer, 'X-Remote-User', 'admin', 'X-Remote-Group', 'system:masters'];
      const { code, json } = await straight(CLUSTERS, { headers });

      expect(code).toBe(403);
      expect(json()['message']).toContain('User "viewer" cannot list resource "clusters"');
    });

    it.each([
      { title: 'of a stranger that calls itself the aggregator', name: 'front-proxy-client' },
      { title: 'of the host, but not its aggregator', name: 'somebody' },
    ])('a certificate $title is not believed', async ({ name }) => {
      const authority =
        name === 'somebody' ? fleet.host!.files.authority : await createAuthority('stranger');
      const as = await authority.issue({ commonName: name });
      const headers = ['X-Remote-User', 'admin', 'X-Remote-Group', 'system:masters'];
      const { code } = await straight(CLUSTERS, { as, headers });

      expect(code).toBe(name === 'somebody' ? 403 : 401);
    });

    it("the aggregator's certificate is believed: names and groups as they are", async () => {
      const { json } = await straight(`${ALL}${REVIEWS}`, {
        method: 'POST',
        as: await aggregator(fleet),
        headers: [
          ...['X-Remote-User', 'Zoë', 'X-Remote-Group', 'a, b', 'X-Remote-Group', 'c'].map(utf8),
          ...['X-Remote-Group', 'system:masters', 'X-Remote-Uid', '42'],
          ...[
            'X-Remote-Extra-Example.org%2fScope',
            'one',
            'X-Remote-Extra-Example.org%2fScope',
            'two, three',
          ],
        ],
        body: selfReview,
      });

      expect(json()).toMatchObject({
        status: {
          userInfo: {
            username: 'Zoë',
            uid: '42',
            groups: ['a, b', 'c', 'system:masters', 'system:authenticated'],
            extra: { 'example.org/scope': ['one', 'two, three'] },
          },
        },
      });
    });

    it('through the host, an impersonated user comes as such', async () => {
      await fleet.host!.apply(
        ...clusterRole('commas', { ...VIEWER, kind: 'Group', name: 'a, b' }, [
          { apiGroups: ['flotilla.io'], resources: ['views/proxy'], verbs: ['create', 'get'] },
        ]),
      );
      const { json } = await ask(`${fleet.host!.url}${ALL}${REVIEWS}`, {
        ca: fleet.host!.authority,
        as: fleet.host!.client,
        method: 'POST',
        headers: [
          ...['Impersonate-User', 'Zoë', 'Impersonate-Group', 'a, b', 'Impersonate-Group', 'größe'],
          ...['Impersonate-Uid', '42', 'Impersonate-Extra-Example.org%2fScope', 'one, two'],
        ].map(utf8),
        body: selfReview,
      });

      expect(json()).toMatchObject({
        status: {
          userInfo: {
            username: 'Zoë',
            uid: '42',
            groups: ['a, b', 'größe', 'system:authenticated'],
            extra: { 'example.org/scope': ['one, two'] },
          },
        },
      });
    });

    it("the host's own client certificates and tokens are known, straight to us", async () => {
      const admin = await straight(CLUSTERS, { as: fleet.host!.client });
      const token = await straight(CLUSTERS, {
        headers: ['Authorization', `Bearer ${TOKENS.admin}`],
      });

      expect([admin.code, token.code]).toEqual([200, 200]);
    });

    it('a token may come as a subprotocol of a WebSocket, which goes no further', async () => {
      const token = Buffer.from(TOKENS.admin).toString('base64url');
      const url = `${served.flotilla.url}${ALL}/api/v1/pods?watch=true&limit=1`;
      const open = async (bearer: string) =>
        new Promise<string>((resolve) => {
          const protocols = [`base64url.bearer.authorization.k8s.io.${bearer}`, 'kind.example'];
          const socket = new WebSocket(url.replace('https', 'wss'), protocols, {
            ca: served.authority,
          });
          socket.once('error', ({ message }) => {
            resolve(message);
          });
          socket.once('message', () => {
            resolve(`agreed on ${socket.protocol}`);
            socket.terminate();
          });
        });

      expect(await open(token)).toBe('agreed on kind.example');
      expect(await open('bm9uc2Vuc2U')).toContain('401');
    });

    it('a new certificate authority of the aggregator is believed seconds after it is published, whatever befell the host', async () => {
      await fleet.host!.restart();
      const next = await createAuthority('next-front-proxy-ca');
      const as = await next.issue({ commonName: 'front-proxy-client' });
      const headers = ['X-Remote-User', 'someone', 'X-Remote-Group', 'system:masters'];
      const before = await straight(CLUSTERS, { as, headers });
      const key = 'requestheader-client-ca-file';
      const target = ['configmap', 'extension-apiserver-authentication', '-n', 'kube-system'];
      const { stdout } = await served.kubectl(['get', ...target, '-o', 'json']);
      const { data } = JSON.parse(stdout) as { data: Record<string, string> };
      const patch = { data: { [key]: `${data[key] ?? ''}${next.certificate}\n` } };
      await served.kubectl(['patch', ...target, '--type=merge', '-p', JSON.stringify(patch)]);

      expect(before.code).toBe(401);
      await eventually(
        'the new authority',
        async () => (await straight(CLUSTERS, { as, headers })).code === 200,
        { timeoutMs: 10_000 },
      );
      expect((await straight(CLUSTERS, { as: await aggregator(fleet), headers })).code).toBe(200);
    });
  });

  describe('what they may', () => {
    const forbidden =
      'clusters.cluster.karmada.io is forbidden: User "viewer" cannot list resource "clusters" ' +
      'in API group "cluster.karmada.io" at the cluster scope';

    it('a user without rights is told so in the same words by the host and by us', async () => {
      const through = await served.kubectl(['get', 'clusters'], { context: 'host-viewer' });
      const here = await straight(CLUSTERS, { headers: asViewer });

      expect(through.stderr).toContain(forbidden);
      expect(here.json()).toMatchObject({
        message: forbidden,
        details: { group: 'cluster.karmada.io', kind: 'clusters' },
      });
      expect(here.code).toBe(403);
    });

    it('rights on one member are rights on that one only, and reading is not running', async () => {
      await fleet.host!.apply(
        ...clusterRole('m1-only', VIEWER, [
          {
            apiGroups: ['cluster.karmada.io'],
            resources: ['clusters', 'clusters/proxy'],
            resourceNames: ['m1'],
            verbs: ['get', 'watch'],
          },
        ]),
      );
      const run = async (context: string, ...args: string[]) =>
        served.kubectl(args, { context: `${context}-viewer` });
      await eventually('the rights', async () => (await run('m1', 'get', 'pods')).code === 0);
      const [other, view, post, exec, one] = await Promise.all([
        run('m2', 'get', 'pods'),
        run('all', 'get', 'pods'),
        run('m1', 'create', 'configmap', 'no'),
        run('m1', 'exec', 'web', '--', 'true'),
        run('host', 'get', 'cluster', 'm1', '-o', 'name'),
      ]);

      expect(one.stdout).toBe('cluster.cluster.karmada.io/m1\n');
      expect(other.stderr).toContain('clusters.cluster.karmada.io "m2" is forbidden');
      expect(view.stderr).toContain('views.flotilla.io "all" is forbidden');
      expect(post.stderr).toContain('cannot create resource "clusters/proxy"');
      expect(exec.stderr).toContain('cannot create resource "clusters/proxy"');
      expect((await straight(`${CLUSTERS}/m2/proxy/api`, { headers: asViewer })).code).toBe(403);
      const watch = `${CLUSTERS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3D`;
      expect((await straight(`${watch}m1`, { headers: asViewer })).code).toBe(200);
      expect((await straight(`${watch}m2`, { headers: asViewer })).code).toBe(403);
    });

    it('a view is used by the verbs that are granted on it', async () => {
      await fleet.host!.apply(
        ...clusterRole('view-all', VIEWER, [
          {
            apiGroups: ['flotilla.io'],
            resources: ['views/proxy'],
            resourceNames: ['all'],
            verbs: ['get', 'list'],
          },
        ]),
      );
      const run = async (...args: string[]) => served.kubectl(args, { context: 'all-viewer' });
      const listed = await eventually('the rights', async () => {
        const finished = await run('get', 'pods', '-o', 'name');
        return finished.code === 0 && finished;
      });
      const watched = await run('get', 'pods', '--watch-only', '--request-timeout=5s');
      const executed = await run('exec', 'web@m1', '--', 'true');
      const deleted = await run('delete', 'pod', 'web@m1');
      const secret = await straight(`${ALL}/api/v1/pods?watch=1`, { headers: asViewer });

      expect(listed.stdout).toBe('pod/web@m1\npod/web@m2\n');
      expect(watched.stderr).toContain('cannot watch resource "views/proxy"');
      expect(executed.stderr).toContain('cannot create resource "views/proxy"');
      expect(deleted.stderr).toContain('cannot delete resource "views/proxy"');
      expect(secret.code).toBe(403);
    });

    it("a review of one's own rights says what the host grants on the view", async () => {
      const may = async (verb: string) =>
        (
          await straight(`${ALL}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
            method: 'POST',
            headers: asViewer,
            body: {
              apiVersion: 'authorization.k8s.io/v1',
              kind: 'SelfSubjectAccessReview',
              spec: { resourceAttributes: { verb, resource: 'pods' } },
            },
          })
        ).json();

      expect(await may('list')).toMatchObject({ status: { allowed: true } });
      expect(await may('delete')).toMatchObject({ status: { allowed: false } });
    });

    it('while the host does not answer, nobody new is let in, and those known are told why', async () => {
      fleet.host!.freeze();
      try {
        const { code, json } = await straight(CLUSTERS, {
          headers: ['Authorization', 'Bearer another'],
        });

        expect(code).toBe(500);
        expect(json()['message']).toBe('the host could not be asked whose token this is');
      } finally {
        fleet.host!.thaw();
      }
    });
  });

  describe("the host's own housekeeping", () => {
    it('ends while we serve', async () => {
      expect(await deleteNamespace('gone-up')).toMatchObject({ code: 0, stderr: '' });
    });

    it('ends when we have ended, and we are there again after a start', async () => {
      expect(await served.flotilla.stop()).toBe(0);
      const { stdout } = await served.kubectl(['get', 'apiservices', '-o', 'name']);

      expect(stdout).not.toContain('flotilla.io');
      expect(await deleteNamespace('gone-down')).toMatchObject({ code: 0, stderr: '' });
      const again = await served.serveAgain();
      await eventually(
        'clusters',
        async () => (await served.kubectl(['get', 'clusters'])).code === 0,
        { timeoutMs: 15_000 },
      );
      await again.stop();
    });
  });

  it('unregister leaves nothing behind', async () => {
    const again = await served.serveAgain();
    const args = ['src/main.ts', 'unregister', '--host-kubeconfig', fleet.host!.kubeconfig];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { stdout: left } = await eventually('the namespace', async () => {
      const { code } = await served.kubectl(['get', 'namespace', 'flotilla-system']);
      const kinds =
        'namespaces,serviceaccounts,services,endpointslices,clusterroles,clusterrolebindings,rolebindings,apiservices';
      const label = 'app.kubernetes.io/part-of=flotilla';
      return code !== 0 && served.kubectl(['get', kinds, '-A', '-l', label, '-o', 'name']);
    });
    await again.stop();

    expect(stdout).toContain('APIService v1alpha1.flotilla.io deleted');
    expect(stdout).toContain('Namespace flotilla-system deleted');
    expect(left).toBe('');
  });
});

/** What the host's aggregator shows us. */
async function aggregator(fleet: Fleet): Promise<Credential> {
  const { files } = fleet.host!;

  return {
    certificate: await readFile(files.path('front-proxy.crt'), 'utf8'),
    key: await readFile(files.path('front-proxy.key'), 'utf8'),
  };
}

/** Node writes header values as latin1; what goes over the wire is UTF-8. */
function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
