import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, rigSkipReason, startFleet, startKubectl, type Fleet } from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';
import { crontabs, openShop, SHOP } from './shop.ts';

const MEMBERS = ['amsterdam', 'berlin', 'chicago'];
const VERSIONS = ['1.32', '1.36'] as const;

describe.skipIf(rigSkipReason())('kubectl reads through view all', () => {
  let fleet: Fleet;
  let flotilla: Flotilla;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'amsterdam', nodes: 1 },
        { name: 'berlin', nodes: 1 },
        { name: 'chicago', nodes: 1, version: '1.34' },
      ],
    });
    await Promise.all(fleet.members.map(async (member, index) => openShop(member, index + 1)));
    await fleet.member('berlin').apply(crontabs());
    await eventually('the custom resource is served', async () => {
      await fleet.member('berlin').apply({
        apiVersion: 'stable.example.com/v1',
        kind: 'CronTab',
        metadata: { name: 'night', namespace: SHOP },
        spec: { cronSpec: '0 3 * * *', image: 'cron:1', replicas: 2 },
      });
      return true;
    });
    await Promise.all(
      fleet.members.map(async ({ kubectl }) =>
        eventually('the deployment is available', async () => {
          const { code } = await kubectl([
            '-n',
            SHOP,
            'rollout',
            'status',
            'deploy/web',
            '--timeout=5s',
          ]);
          return code === 0;
        }),
      ),
    );
    flotilla = await startFlotilla({ kubeconfig: fleet.kubeconfig });
  }, 300_000);

  afterAll(async () => {
    await flotilla.stop();
    await fleet.stop();
  });

  /** Rows of a table as lists of cells, the header first. */
  function table(output: string): string[][] {
    const [header = '', ...rows] = output.trimEnd().split('\n');
    const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index);
    const cut = (line: string): string[] =>
      starts.map((start, column) => line.slice(start, starts[column + 1]).trim());
    return [cut(header), ...rows.map(cut)];
  }

  /** Ages differ by a second between two reads. */
  const ageless = (cells: string[]): string[] =>
    cells.map((cell) => (/^(\d+[smhd])+$/.test(cell) ? 'AGE' : cell));

  it.each([
    ['deployments.apps', []],
    ['deployments.apps', ['-o', 'wide']],
    ['pods', []],
    ['services', ['-o', 'wide']],
    ['configmaps', []],
    ['poddisruptionbudgets.policy', []],
    ['horizontalpodautoscalers.autoscaling', []],
    ['replicasets.apps', ['-o', 'wide']],
    ['nodes', ['-o', 'wide']],
    ['serviceaccounts', []],
    ['clusterroles.rbac.authorization.k8s.io', []],
    ['flowschemas.flowcontrol.apiserver.k8s.io', []],
    ['endpointslices.discovery.k8s.io', []],
  ])(
    'prints %s %j with the columns and cells of each member, and its cluster after the name',
    async (resource, flags) => {
      const args = ['get', resource, '-A', ...flags];

      const merged = table(await flotilla.ok(args)).map(ageless);

      const clusterColumn = merged[0]!.indexOf('CLUSTER');
      const nameColumn = merged[0]!.indexOf('NAME');
      expect(clusterColumn).toBe(nameColumn + 1);
      for (const { name: cluster, kubectl, version } of fleet.members) {
        // The newest member gives columns and cells: these two print otherwise in 1.34.
        if (version === '1.34' && ['nodes', 'serviceaccounts'].includes(resource)) continue;
        const own = table((await kubectl(args)).stdout).map(ageless);
        const mine = merged.filter((row, index) => index === 0 || row[clusterColumn] === cluster);
        const untagged = mine.map((row, index) =>
          row
            .map((cell, column) =>
              column === nameColumn && index > 0 ? cell.replace(`@${cluster}`, '') : cell,
            )
            .toSpliced(clusterColumn, 1),
        );
        // A member prints flow schemas by precedence; a view keeps one order for all kinds.
        expect(untagged.toSorted()).toEqual(own.toSorted());
      }
    },
  );

  it.each(VERSIONS)(
    'lists equal names of all clusters in JSON, each with its tags (kubectl %s)',
    async (version) => {
      const output = await flotilla.ok(['get', 'configmap', '-n', SHOP, '-o', 'json'], { version });

      const { items } = JSON.parse(output) as {
        items: { metadata: Record<string, unknown>; data?: Record<string, string> }[];
      };
      const webs = items.filter(({ metadata }) => String(metadata['name']).startsWith('web@'));
      expect(webs.map(({ metadata, data }) => [metadata['name'], data])).toEqual(
        MEMBERS.map((cluster) => [`web@${cluster}`, { cluster, digits: '12345678901234567890' }]),
      );
      expect(webs[1]!.metadata['labels']).toEqual({ 'flotilla.io/cluster': 'berlin' });
      expect(webs[1]!.metadata['annotations']).toMatchObject({
        'resource.karmada.io/cached-from-cluster': 'berlin',
      });
    },
  );

  it.each([
    { args: ['-o', 'name'], want: MEMBERS.map((cluster) => `deployment.apps/web@${cluster}`) },
    {
      args: ['-o', 'jsonpath={range .items[*]}{.spec.replicas}{"\\n"}{end}'],
      want: ['1', '2', '3'],
    },
    {
      args: ['-l', 'flotilla.io/cluster=berlin', '-o', 'name'],
      want: ['deployment.apps/web@berlin'],
    },
    {
      args: ['-l', 'flotilla.io/cluster in (amsterdam,chicago),app=web', '-o', 'name'],
      want: ['deployment.apps/web@amsterdam', 'deployment.apps/web@chicago'],
    },
    {
      args: ['-l', 'flotilla.io/cluster!=berlin', '-o', 'name'],
      want: ['deployment.apps/web@amsterdam', 'deployment.apps/web@chicago'],
    },
    { args: ['-l', '!flotilla.io/cluster', '-o', 'name'], want: [] },
    { args: ['-l', 'app=other', '-o', 'name'], want: [] },
    {
      args: ['--field-selector', 'metadata.name=web', '-o', 'name'],
      want: MEMBERS.map((cluster) => `deployment.apps/web@${cluster}`),
    },
    {
      args: ['--field-selector', 'metadata.name=web@chicago', '-o', 'name'],
      want: ['deployment.apps/web@chicago'],
    },
    {
      args: ['--field-selector', 'metadata.name!=web@chicago', '-o', 'name'],
      want: ['deployment.apps/web@amsterdam', 'deployment.apps/web@berlin'],
    },
    {
      args: ['--sort-by', '{.spec.replicas}', '-o', 'name'],
      want: MEMBERS.map((cluster) => `deployment.apps/web@${cluster}`),
    },
    {
      args: ['--chunk-size', '1', '-o', 'name'],
      want: MEMBERS.map((cluster) => `deployment.apps/web@${cluster}`),
    },
    { args: ['web@berlin', '-o', 'name'], want: ['deployment.apps/web@berlin'] },
  ])('answers get deployments $args', async ({ args, want }) => {
    const output = await flotilla.ok(['get', 'deployments', '-n', SHOP, ...args]);

    expect(output.split('\n').filter((line) => line !== '')).toEqual(want);
  });

  it('selects pods by the qualified name of their node', async () => {
    const output = await flotilla.ok([
      'get',
      'pods',
      '-A',
      '--field-selector',
      'spec.nodeName=node-0@berlin',
      '-o',
      'name',
    ]);

    const names = output.trimEnd().split('\n');
    expect(names.length).toBe(2);
    expect(names.every((name) => name.endsWith('@berlin'))).toBe(true);
  });

  it('lists the choices when a plain name is asked for', async () => {
    const { code, stderr } = await flotilla.kubectl(['get', 'deployment', '-n', SHOP, 'web']);

    expect(code).toBe(1);
    expect(stderr).toContain(
      'deployments.apps "web" not found; it is in web@amsterdam, web@berlin, web@chicago',
    );
  });

  it('shows one namespace of a name, with its clusters', async () => {
    const [header, ...rows] = table(await flotilla.ok(['get', 'namespaces']));

    expect(header).toEqual(['NAME', 'CLUSTER', 'STATUS', 'AGE']);
    expect(rows.find(([name]) => name === SHOP)?.slice(0, 3)).toEqual([
      SHOP,
      MEMBERS.join(','),
      'Active',
    ]);
    expect(await flotilla.ok(['get', 'namespace', `${SHOP}@berlin`, '-o', 'name'])).toBe(
      `namespace/${SHOP}@berlin\n`,
    );
  });

  it.each(VERSIONS)(
    'knows a kind that one cluster has, its columns and its fields (kubectl %s)',
    async (version) => {
      const listed = table(await flotilla.ok(['get', 'crontabs', '-A'], { version })).map(ageless);
      const selected = await flotilla.ok(
        ['get', 'ct', '-n', SHOP, '--field-selector', 'spec.image=cron:1', '-o', 'name'],
        { version },
      );
      const explained = await flotilla.ok(['explain', 'crontabs.spec.cronSpec'], { version });

      expect(listed).toEqual([
        ['NAMESPACE', 'NAME', 'CLUSTER', 'SPEC', 'REPLICAS', 'AGE'],
        [SHOP, 'night@berlin', 'berlin', '0 3 * * *', '2', 'AGE'],
      ]);
      expect(selected).toBe('crontab.stable.example.com/night@berlin\n');
      expect(explained).toContain('When it runs.');
    },
  );

  it.each(VERSIONS)(
    'names every resource that a member has, and explains it (kubectl %s)',
    async (version) => {
      const merged = (await flotilla.ok(['api-resources', '--no-headers'], { version }))
        .split('\n')
        .sort();
      const own = (
        await fleet.member('berlin').kubectl(['api-resources', '--no-headers'], { version })
      ).stdout.split('\n');

      expect(merged).toEqual(expect.arrayContaining(own));
      expect(await flotilla.ok(['explain', 'pods.spec.nodeName'], { version })).toContain(
        'FIELD: nodeName',
      );
    },
  );

  it('describes a deployment with the events and replica sets of its own cluster only', async () => {
    const described = await flotilla.ok(['describe', 'deployment', '-n', SHOP, 'web@chicago']);
    const own = (
      await fleet.member('chicago').kubectl(['describe', 'deployment', '-n', SHOP, 'web'])
    ).stdout;

    const replicaSet = /NewReplicaSet:\s+(\S+)/.exec(own)?.[1] ?? '';
    expect(described).toMatch(new RegExp(`NewReplicaSet:\\s+${replicaSet}@chicago \\(3/3`));
    expect(described).toContain('ScalingReplicaSet');
    expect(described).not.toMatch(/@(amsterdam|berlin)/);
  });

  it('describes a node with the pods and leases of its own cluster', async () => {
    const described = await flotilla.ok(['describe', 'node', 'node-0@berlin']);

    expect(described).toMatch(/Non-terminated Pods:\s+\(2 in total\)/);
    expect(described).not.toContain('@chicago');
  });

  it('shows the events of one object', async () => {
    const output = await flotilla.ok(['events', '-n', SHOP, '--for', 'deployment/web@berlin']);

    expect(output).toContain('web@berlin');
    expect(output).not.toMatch(/@(amsterdam|chicago)/);
  });

  it('watches: prints each change of any cluster once', async () => {
    const watching = await startKubectl(
      [
        'get',
        'configmaps',
        '-n',
        SHOP,
        '--watch',
        '-o',
        'custom-columns=NAME:.metadata.name,SEEN:.data.seen',
        '--no-headers',
      ],
      { kubeconfig: flotilla.kubeconfig },
    );
    let output = '';
    watching.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually('the first lines are printed', () => output.includes('web@chicago'));

    for (const member of fleet.members) {
      await member.kubectl([
        'patch',
        'configmap',
        '-n',
        SHOP,
        'web',
        '--type=merge',
        '-p',
        '{"data":{"seen":"now"}}',
      ]);
    }
    await eventually('every change is printed', () =>
      MEMBERS.every(
        (cluster) =>
          output.includes(`web@${cluster}`.padEnd(10)) &&
          new RegExp(`web@${cluster}\\s+now`).test(output),
      ),
    );
    watching.kill();

    for (const cluster of MEMBERS) {
      expect(
        output.split('\n').filter((line) => new RegExp(`web@${cluster}\\s+now`).test(line)),
      ).toHaveLength(1);
    }
  });

  it('waits for a condition of a qualified name', async () => {
    const output = await flotilla.ok([
      'wait',
      '-n',
      SHOP,
      '--for=condition=Available',
      'deployment/web@chicago',
      '--timeout=10s',
    ]);

    expect(output).toContain('deployment.apps/web@chicago condition met');
  });

  it('tells who asks and what they may', async () => {
    expect(await flotilla.ok(['auth', 'whoami'])).toContain('flotilla-admin');
    expect(await flotilla.ok(['auth', 'can-i', 'list', 'pods', '-A'])).toContain('yes');
    expect(await flotilla.ok(['auth', 'can-i', '--list'])).toContain('*.*');
  });

  it('lists its own kinds in context flotilla', async () => {
    const clusters = table(await flotilla.ok(['get', 'clusters'], { context: 'flotilla' }));
    const views = await flotilla.ok(['get', 'views', '-o', 'name'], { context: 'flotilla' });

    expect(clusters.map(([name, , , ready]) => [name, ready])).toEqual([
      ['NAME', 'READY'],
      ...MEMBERS.map((cluster) => [cluster, 'True']),
    ]);
    expect(views).toContain('view.flotilla.io/all\n');
    expect(await flotilla.ok(['explain', 'clusters'], { context: 'flotilla' })).toContain(
      'KIND:       Cluster',
    );
  });

  it('is the member itself in a member context', async () => {
    const through = await flotilla.ok(['get', 'deployments', '-A', '-o', 'json'], {
      context: 'flotilla-chicago',
    });
    const direct = (
      await fleet.member('chicago').kubectl(['get', 'deployments', '-A', '-o', 'json'])
    ).stdout;

    expect(JSON.parse(through)).toEqual(JSON.parse(direct));
  });
});
