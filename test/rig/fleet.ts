import { startFleet, type Fleet, type Member } from './index.ts';

const NAMES = ['amsterdam', 'berlin', 'chicago'] as const;

/** Equal names in every cluster are the point: only the replicas differ. */
const workloads = (replicas: number): object[] => {
  const labels = { app: 'web' };
  const metadata = { name: 'web', namespace: 'shop' };
  const pod = (image: string) => ({
    metadata: { labels },
    spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas, selector: { matchLabels: labels }, template: pod('nginx:1.29') },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { replicas: String(replicas) } },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'report', namespace: 'shop' },
      spec: {
        schedule: '0 3 * * *',
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [{ name: 'main', image: 'report:1' }],
              },
            },
          },
        },
      },
    },
  ];
};

/** What a person needs to know; the fleet itself is nothing but clusters in a kubeconfig. */
function explain({ kubeconfig, members, directory }: Fleet): string {
  const list = members.map(({ name, version, url }) => `  ${name}  Kubernetes ${version}  ${url}`);
  return [
    'A fleet of real clusters runs:',
    ...list,
    '',
    'Make it one with Flotilla, in another terminal:',
    `  npm start -- --kubeconfig ${kubeconfig}`,
    '',
    'Or look at a single cluster:',
    `  kubectl --kubeconfig ${kubeconfig} --context ${NAMES[0]} get pods -A`,
    '',
    `Logs are in ${directory}/logs. Ctrl-C ends the fleet and removes everything.`,
  ].join('\n');
}

async function untilInterrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

async function populate(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(async (member, i) => member.apply(...workloads(i + 2))));
}

const [first, second, third] = NAMES;
console.log('Starting three clusters (the first time on a machine they are built, for minutes)…');
const interrupted = untilInterrupted();
const fleet = await startFleet({
  members: [
    { name: first, nodes: 3 },
    { name: second, nodes: 2 },
    { name: third, nodes: 2, version: '1.34' },
  ],
});
await populate(fleet.members);
console.log(explain(fleet));
await interrupted;
await fleet.stop();
console.log('The fleet is gone.');
