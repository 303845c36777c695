import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { kubectl, rigSkipReason, startFleet, TOKENS, type Fleet, type Member } from './index.ts';
import { processesOf, startOwnerProcess, untilNothingIsLeft } from './owner-process.ts';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    },
  },
};

const skipReason = rigSkipReason();

describe.skipIf(skipReason)('a fleet of real clusters', { timeout: 120_000 }, () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'new', nodes: 2 },
        { name: 'old', nodes: 1, version: '1.34' },
      ],
      host: { name: 'host' },
    });
  });

  afterAll(async () => {
    await fleet.stop();
  });

  it.each([
    { name: 'new', want: 'v1.36.3' },
    { name: 'old', want: 'v1.34.4' },
  ])('$name runs Kubernetes $want', async ({ name, want }) => {
    expect(await versionOf(fleet.member(name))).toBe(want);
  });

  it.each(['new', 'old'])('a Deployment of 3 runs on %s', async (name) => {
    const member = fleet.member(name);

    await runDeployment(member);

    const pods = await member.kubectl(['get', 'pods', '-l', 'app=web', '--no-headers']);
    expect(pods.stdout.match(/ 1\/1 +Running /g)).toHaveLength(3);
  });

  it.each(['1.32', '1.36'] as const)('kubectl %s reads logs and runs commands', async (version) => {
    const member = fleet.member('new');
    await runDeployment(member);
    await member.appendLog(`a line for ${version}`);

    const logs = await member.kubectl(['logs', 'deploy/web'], { version });
    const exec = await member.kubectl(
      ['exec', '-i', 'deploy/web', '--', 'sh', '-c', 'read line; echo "$MEMBER: $line"'],
      { version, input: 'hello\n' },
    );

    expect(logs.stdout).toContain(`a line for ${version}`);
    expect(exec).toMatchObject({ code: 0, stdout: 'new: hello\n' });
  });

  it('a credential of one member is no good at another', async () => {
    const [first, second] = fleet.members;
    const elsewhere = ['--server', second!.url, '--certificate-authority', second!.caFile];

    const { code, stderr } = await first!.kubectl(['get', 'namespaces', ...elsewhere]);

    expect(code).toBe(1);
    expect(stderr).toMatch(/Unauthorized|logged in|provide credentials/);
  });

  it.each([
    { who: 'admin', want: '' },
    { who: 'viewer', want: 'User "viewer" cannot list resource "pods"' },
    { who: 'editor', want: 'User "editor" cannot list resource "pods"' },
  ] as const)('the token of $who is known', async ({ who, want }) => {
    const member = fleet.member('new');
    const authority = ['--certificate-authority', member.caFile, '--server', member.url];

    const { stderr } = await kubectl(
      [...authority, '--token', TOKENS[who], 'get', 'pods', '-n', 'kube-public'],
      { kubeconfig: '/dev/null', cacheDirectory: fleet.directory },
    );

    expect(stderr).toContain(want || 'No resources found');
  });

  it('a frozen member answers nothing until it thaws', async () => {
    const member = fleet.member('new');
    const ask = ['get', 'namespaces', '--request-timeout=2s'];

    member.freeze();
    const frozen = await member.kubectl(ask);
    member.thaw();
    const thawed = await member.kubectl(ask);

    expect([frozen.code, thawed.code]).toEqual([1, 0]);
  });

  it('a killed member is gone until its restart, and keeps its objects and address', async () => {
    const member = fleet.member('new');
    const { url } = member;
    await runDeployment(member);

    await member.kill();
    const dead = await member.kubectl(['get', 'deploy', 'web']);
    await member.restart();
    const back = await member.kubectl(['get', 'deploy', 'web']);

    expect([dead.code, back.code]).toEqual([1, 0]);
    expect(member.url).toBe(url);
  });

  it('an upgraded member keeps its objects and works on', async () => {
    const member = fleet.member('old');
    await runDeployment(member);

    await member.upgrade('1.36');

    expect(await versionOf(member)).toBe('v1.36.3');
    await member.kubectl(['scale', 'deploy/web', '--replicas=4']);
    const status = ['rollout', 'status', 'deploy/web', '--timeout=60s'];
    expect(await member.kubectl(status)).toMatchObject({ code: 0 });
  });

  it('a host finishes deleting namespaces', async () => {
    const host = fleet.host!;

    await host.kubectl(['create', 'namespace', 'short-lived']);
    const deleted = await host.kubectl(['delete', 'namespace', 'short-lived', '--timeout=60s']);

    expect(deleted.code).toBe(0);
  });
});

describe.skipIf(skipReason)('a fleet whose owner dies', { timeout: 120_000 }, () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('leaves nothing behind after %s', async (signal) => {
    const owner = await startOwnerProcess(
      `(await rig.startFleet({ members: [{ name: 'orphan', nodes: 1 }] })).directory`,
    );
    const before = processesOf(owner.said);

    owner.kill(signal);

    await untilNothingIsLeft(owner.said);
    expect(before.length).toBeGreaterThanOrEqual(5);
  });
});

async function runDeployment(member: Member): Promise<void> {
  await member.apply(deployment);
  const status = ['rollout', 'status', 'deploy/web', '--timeout=60s'];
  expect(await member.kubectl(status)).toMatchObject({ code: 0 });
}

async function versionOf(member: Member): Promise<string> {
  const { stdout } = await member.kubectl(['version', '-o', 'json']);
  const said = JSON.parse(stdout) as { serverVersion: { gitVersion: string } };
  return said.serverVersion.gitVersion;
}
