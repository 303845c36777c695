import { writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, rigSkipReason, startFleet, type Fleet } from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';
import { openShop, SHOP } from './shop.ts';

const MEMBERS = ['amsterdam', 'berlin', 'chicago'];

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
  readonly data?: Record<string, string>;
}

describe.skipIf(rigSkipReason())('kubectl writes by qualified name', () => {
  let fleet: Fleet;
  let flotilla: Flotilla;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'amsterdam', nodes: 2 },
        { name: 'berlin', nodes: 2 },
        { name: 'chicago', nodes: 2, version: '1.34' },
      ],
    });
    await Promise.all(fleet.members.map(async (member) => openShop(member, 1)));
    flotilla = await startFlotilla({ kubeconfig: fleet.kubeconfig });
  }, 300_000);

  afterAll(async () => {
    await flotilla.stop();
    await fleet.stop();
  });

  async function stored(
    cluster: string,
    resource: string,
    name = 'web',
  ): Promise<Stored | undefined> {
    const { code, stdout } = await fleet
      .member(cluster)
      .kubectl(['get', resource, '-n', SHOP, name, '-o', 'json', '--show-managed-fields']);
    return code === 0 ? (JSON.parse(stdout) as Stored) : undefined;
  }

  /** What a member stores never shows that a view was in between. */
  function expectNoTags(object: Stored | undefined): void {
    expect(JSON.stringify(object)).not.toMatch(
      /flotilla\.io|cached-from-cluster|@(amsterdam|berlin|chicago)/,
    );
  }

  /** Runs the act and says which members' objects of that name have changed by it. */
  async function changedBy(resource: string, act: () => Promise<unknown>): Promise<string[]> {
    const read = async (): Promise<string[]> =>
      Promise.all(
        MEMBERS.map(async (cluster) => JSON.stringify((await stored(cluster, resource)) ?? null)),
      );
    const before = await read();
    await act();
    const after = await read();
    return MEMBERS.filter((_, index) => before[index] !== after[index]);
  }

  it.each([
    {
      title: 'a merge patch',
      args: ['patch', 'configmap', 'web@berlin', '--type=merge', '-p', '{"data":{"merge":"1"}}'],
    },
    {
      title: 'a JSON patch',
      args: [
        'patch',
        'configmap',
        'web@berlin',
        '--type=json',
        '-p',
        '[{"op":"add","path":"/data/json","value":"2"}]',
      ],
    },
    {
      title: 'a strategic patch',
      args: ['patch', 'configmap', 'web@berlin', '-p', '{"data":{"strategic":"3"}}'],
    },
    { title: 'label', args: ['label', 'configmap', 'web@berlin', 'color=blue'] },
    { title: 'annotate', args: ['annotate', 'configmap', 'web@berlin', 'note=x'] },
  ])('sends $title to the member that the name says, and to no other', async ({ args }) => {
    const changed = await changedBy('configmap', async () => flotilla.ok(['-n', SHOP, ...args]));

    expect(changed).toEqual(['berlin']);
    expectNoTags(await stored('berlin', 'configmap'));
  });

  it('keeps numbers and unknown content as they were through an edit', async () => {
    const editor = join(flotilla.dataDir, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/^  cluster: chicago/  cluster: edited/" "$1"\n');
    await chmod(editor, 0o755);

    process.env['KUBE_EDITOR'] = editor;
    const changed = await changedBy('configmap', async () =>
      flotilla.ok(['-n', SHOP, 'edit', 'configmap', 'web@chicago']),
    );

    const after = await stored('chicago', 'configmap');
    expect(changed).toEqual(['chicago']);
    expect(after?.data).toEqual({ cluster: 'edited', digits: '12345678901234567890' });
    expectNoTags(after);
  });

  it('scales, sets an image, rolls out and back in one cluster', async () => {
    await flotilla.ok(['-n', SHOP, 'scale', 'deployment', 'web@amsterdam', '--replicas=3']);
    await flotilla.ok(['-n', SHOP, 'set', 'image', 'deployment/web@amsterdam', 'main=nginx:1.30']);
    await flotilla.ok([
      '-n',
      SHOP,
      'rollout',
      'status',
      'deployment/web@amsterdam',
      '--timeout=60s',
    ]);
    const history = await flotilla.ok([
      '-n',
      SHOP,
      'rollout',
      'history',
      'deployment/web@amsterdam',
    ]);
    await flotilla.ok(['-n', SHOP, 'rollout', 'undo', 'deployment/web@amsterdam']);
    await flotilla.ok(['-n', SHOP, 'rollout', 'restart', 'deployment/web@amsterdam']);
    await flotilla.ok([
      '-n',
      SHOP,
      'rollout',
      'status',
      'deployment/web@amsterdam',
      '--timeout=60s',
    ]);

    const after = await stored('amsterdam', 'deployment');
    expect(history).toMatch(/^1 /m);
    expect(history).toMatch(/^2 /m);
    expect(after?.spec?.['replicas']).toBe(3);
    expect(JSON.stringify(after?.spec)).toContain('nginx:1.29');
    expect((await stored('berlin', 'deployment'))?.spec?.['replicas']).toBe(1);
    expectNoTags(after);
  });

  it('refuses to scale on a version that is not the current one', async () => {
    const { code, stderr } = await flotilla.kubectl([
      '-n',
      SHOP,
      'scale',
      'deployment',
      'web@berlin',
      '--replicas=2',
      '--resource-version=12345',
    ]);

    expect(code).toBe(1);
    expect(stderr).toMatch(/Expected resource version|modified|conflict/i);
  });

  it('replaces with the version that was read, and refuses an old one', async () => {
    const read = await flotilla.ok(['-n', SHOP, 'get', 'configmap', 'web@berlin', '-o', 'json']);
    const changed = read.replace('"cluster": "berlin"', '"cluster": "replaced"');

    await flotilla.ok(['-n', SHOP, 'replace', '-f', '-'], { input: changed });
    const second = await flotilla.kubectl(['-n', SHOP, 'replace', '-f', '-'], { input: changed });

    const after = await stored('berlin', 'configmap');
    expect(after?.data?.['cluster']).toBe('replaced');
    expectNoTags(after);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('the object has been modified');
  });

  it.each([
    ['client-side', []],
    ['server-side', ['--server-side']],
  ])('creates, diffs, changes and deletes by %s apply', async (how, flags) => {
    const name = `applied-${how}`;
    const manifest = (value: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${name}@chicago`, namespace: SHOP },
        data: { value },
      });

    await flotilla.ok(['apply', ...flags, '-f', '-'], { input: manifest('one') });
    const diff = await flotilla.kubectl(['diff', ...flags, '-f', '-'], { input: manifest('two') });
    await flotilla.ok(['apply', ...flags, '-f', '-'], { input: manifest('two') });

    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/^\+ +value: two/m);
    const after = await stored('chicago', 'configmap', name);
    expect(after?.data).toEqual({ value: 'two' });
    expectNoTags(after);
    expect(await stored('berlin', 'configmap', name)).toBeUndefined();

    await flotilla.ok(['delete', '-n', SHOP, 'configmap', `${name}@chicago`]);
    expect(await stored('chicago', 'configmap', name)).toBeUndefined();
  });

  it('creates in the cluster that the label says', async () => {
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        generateName: 'made-',
        namespace: SHOP,
        labels: { 'flotilla.io/cluster': 'berlin', made: 'yes' },
      },
    });

    const output = await flotilla.ok(['create', '-f', '-', '-o', 'name'], { input });

    expect(output).toMatch(/^configmap\/made-\w+@berlin\n$/);
    const made = await fleet
      .member('berlin')
      .kubectl(['get', 'configmap', '-n', SHOP, '-l', 'made=yes', '-o', 'json']);
    expect((JSON.parse(made.stdout) as { items: unknown[] }).items).toHaveLength(1);
    expect(made.stdout).not.toContain('flotilla.io');
  });

  it('sees its own writes at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await flotilla.ok([
        '-n',
        SHOP,
        'annotate',
        '--overwrite',
        'configmap',
        'web@amsterdam',
        `round=${round}`,
      ]);
      const seen = await flotilla.ok([
        '-n',
        SHOP,
        'get',
        'configmaps',
        '-o',
        'jsonpath={.items[?(@.metadata.name=="web@amsterdam")].metadata.annotations.round}',
      ]);
      expect(seen).toBe(String(round));
    }
  });

  it('refuses to create a plain name, and says how to', async () => {
    const { code, stderr } = await flotilla.kubectl([
      '-n',
      SHOP,
      'create',
      'configmap',
      'plain',
      '--from-literal=a=b',
    ]);

    expect(code).toBe(1);
    expect(stderr).toContain('NAME@CLUSTER');
    expect(await stored('amsterdam', 'configmap', 'plain')).toBeUndefined();
  });

  it('never deletes by a plain name, nor a whole namespace', async () => {
    const byName = await flotilla.kubectl(['-n', SHOP, 'delete', 'configmap', 'web']);
    const namespace = await flotilla.kubectl(['delete', 'namespace', SHOP, '--wait=false']);

    expect(byName.stderr).toContain('web@amsterdam, web@berlin, web@chicago');
    expect(namespace.code).toBe(1);
    for (const cluster of MEMBERS) expect(await stored(cluster, 'configmap')).toBeDefined();
  });

  it('dry-runs at the member and stores nothing', async () => {
    const changed = await changedBy('configmap', async () =>
      flotilla.ok([
        '-n',
        SHOP,
        'patch',
        'configmap',
        'web@berlin',
        '--dry-run=server',
        '--type=merge',
        '-p',
        '{"data":{"dry":"run"}}',
      ]),
    );

    expect(changed).toEqual([]);
    expect(
      await flotilla.ok(['-n', SHOP, 'get', 'configmap', 'web@berlin', '-o', 'yaml']),
    ).not.toContain('dry: run');
  });

  it('deletes a collection only where the label says', async () => {
    for (const { kubectl } of fleet.members) {
      await kubectl(['-n', SHOP, 'create', 'configmap', 'doomed']);
      await kubectl(['-n', SHOP, 'label', 'configmap', 'doomed', 'doomed=yes']);
    }
    // kubectl 1.32 drops the server's path from raw requests, later ones keep it.
    const path = `/apis/flotilla.io/v1alpha1/views/all/proxy/api/v1/namespaces/${SHOP}/configmaps`;
    const version = '1.32';

    await flotilla.ok(
      ['delete', '--raw', `${path}?labelSelector=${encodeURIComponent('doomed=yes')}`],
      { version },
    );
    for (const cluster of MEMBERS)
      expect(await stored(cluster, 'configmap', 'doomed')).toBeDefined();
    await flotilla.ok(
      [
        'delete',
        '--raw',
        `${path}?labelSelector=${encodeURIComponent('doomed=yes,flotilla.io/cluster in (amsterdam,chicago)')}`,
      ],
      { version },
    );

    expect(await stored('amsterdam', 'configmap', 'doomed')).toBeUndefined();
    expect(await stored('berlin', 'configmap', 'doomed')).toBeDefined();
    expect(await stored('chicago', 'configmap', 'doomed')).toBeUndefined();
  });

  it('deletes by kubectl in all clusters what it lists', async () => {
    await flotilla.ok(['-n', SHOP, 'delete', 'configmap', '-l', 'doomed=yes']);

    for (const cluster of MEMBERS)
      expect(await stored(cluster, 'configmap', 'doomed')).toBeUndefined();
  });

  it('drains a node of one cluster: its pods move, other clusters stay as they are', async () => {
    await flotilla.ok(['-n', SHOP, 'scale', 'deployment', 'web@chicago', '--replicas=4']);
    await flotilla.ok(['-n', SHOP, 'rollout', 'status', 'deployment/web@chicago', '--timeout=60s']);
    const others = await flotilla.ok([
      'get',
      'pods',
      '-n',
      SHOP,
      '-l',
      'flotilla.io/cluster!=chicago',
      '-o',
      'name',
    ]);

    await flotilla.ok([
      'drain',
      'node-0@chicago',
      '--ignore-daemonsets',
      '--force',
      '--timeout=60s',
    ]);

    await eventually('all pods run on the other node', async () => {
      const nodes = await flotilla.ok([
        'get',
        'pods',
        '-n',
        SHOP,
        '-l',
        'flotilla.io/cluster=chicago',
        '-o',
        'jsonpath={.items[*].spec.nodeName}',
      ]);
      return nodes.split(' ').length === 4 && !nodes.includes('node-0@');
    });
    expect(
      await flotilla.ok([
        'get',
        'pods',
        '-n',
        SHOP,
        '-l',
        'flotilla.io/cluster!=chicago',
        '-o',
        'name',
      ]),
    ).toBe(others);
    await flotilla.ok(['uncordon', 'node-0@chicago']);
    expectNoTags(
      JSON.parse(
        (await fleet.member('chicago').kubectl(['get', 'node', 'node-0', '-o', 'json'])).stdout,
      ) as Stored,
    );
  });

  it('deletes a deployment of one cluster with what it owns', async () => {
    await flotilla.ok([
      '-n',
      SHOP,
      'delete',
      'deployment',
      'web@berlin',
      '--cascade=foreground',
      '--timeout=60s',
    ]);

    expect(await stored('berlin', 'deployment')).toBeUndefined();
    expect(await stored('amsterdam', 'deployment')).toBeDefined();
    const left = await flotilla.ok([
      'get',
      'pods,replicasets',
      '-n',
      SHOP,
      '-l',
      'flotilla.io/cluster=berlin',
      '-o',
      'name',
    ]);
    expect(left).toBe('');
  });
});
