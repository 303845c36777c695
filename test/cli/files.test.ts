import { generateKeyPairSync } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fileHighWaterMark } from '../../src/cli/high-water-mark.ts';
import { lockInstance } from '../../src/cli/instance-lock.ts';
import { contextsOf, kubeconfigText, writeKubeconfig } from '../../src/cli/kubeconfig-file.ts';
import { VersionClock } from '../../src/kube/index.ts';

const { privateKey: KEY } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-files-'));
});
afterEach(async () => rm(directory, { recursive: true }));

describe('the lock of a data directory', () => {
  it('keeps a second one out until it is released', () => {
    const lock = lockInstance(directory);

    expect(() => lockInstance(directory)).toThrow(/another flotilla uses .*--data-dir/);
    lock.release();
    lockInstance(directory).release();
  });

  it('ends with a process that is killed', () => {
    const script = `import { lockInstance } from ${JSON.stringify(join(process.cwd(), 'src/cli/instance-lock.ts'))};
      lockInstance(${JSON.stringify(directory)});
      process.kill(process.pid, 'SIGKILL');`;

    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);

    expect(signal).toBe('SIGKILL');
    lockInstance(directory).release();
  });
});

describe('the mark of versions', () => {
  it('keeps versions from going back over a restart, whatever the clock does', () => {
    const path = join(directory, 'mark');
    const clock = (now: number): VersionClock =>
      new VersionClock({ replica: 0, now: () => now, highWaterMark: fileHighWaterMark(path) });
    const before = clock(2_000_000).next();
    const after = clock(1_000_000).next();

    expect(after).toBeGreaterThan(before);
  });

  it.each(['x', '-1', '1.5', ''])('a file of "%s" is reported', async (content) => {
    const path = join(directory, 'mark');
    await writeFile(path, content);

    expect(() => fileHighWaterMark(path)).toThrow('does not hold a number');
  });
});

describe('the kubeconfig', () => {
  const content = {
    server: 'https://127.0.0.1:7443',
    authority: 'CA',
    admin: { cert: 'CERT', key: KEY.export({ type: 'pkcs8', format: 'pem' }).toString() },
    members: ['m1', 'm2'],
  };
  interface Kubeconfig {
    'current-context': string;
    clusters: { name: string; cluster: Record<string, unknown> }[];
    users: { user: Record<string, string> }[];
    contexts: { name: string }[];
  }

  it('has a context for the fleet, for this server and for each member', () => {
    expect(contextsOf(content)).toEqual([
      {
        name: 'flotilla-all',
        server: 'https://127.0.0.1:7443/apis/flotilla.io/v1alpha1/views/all/proxy',
      },
      { name: 'flotilla', server: 'https://127.0.0.1:7443' },
      ...['m1', 'm2'].map((name) => ({
        name: `flotilla-${name}`,
        server: `https://127.0.0.1:7443/apis/cluster.karmada.io/v1alpha1/clusters/${name}/proxy`,
      })),
    ]);
  });

  it.each([
    { members: ['all'], names: ['flotilla-all-member'] },
    {
      members: ['all', 'all-member'],
      names: ['flotilla-all-member', 'flotilla-all-member-member'],
    },
    { members: ['flotilla'], names: ['flotilla-flotilla'] },
  ])('members called $members get contexts of their own', ({ members, names }) => {
    const contexts = contextsOf({ ...content, members });

    expect(contexts.slice(2).map(({ name }) => name)).toEqual(names);
  });

  it('embeds the certificates and marks every address as ours', () => {
    const { clusters, users } = parse(kubeconfigText(content)) as Kubeconfig;

    expect(users[0]?.user).toEqual({
      'client-certificate-data': Buffer.from('CERT').toString('base64'),
      'client-key-data': Buffer.from(KEY.export({ type: 'sec1', format: 'pem' })).toString(
        'base64',
      ),
    });
    for (const { cluster } of clusters) {
      expect(cluster).toMatchObject({
        'certificate-authority-data': Buffer.from('CA').toString('base64'),
        extensions: [{ name: 'flotilla.io' }],
      });
    }
  });

  it('is private, and rewritten only when it differs', async () => {
    const path = join(directory, 'kubeconfig');
    await writeKubeconfig(path, content);
    const first = await stat(path);
    await writeKubeconfig(path, content);
    const same = await stat(path);
    await writeKubeconfig(path, { ...content, members: ['m1'] });
    const other = await stat(path);

    expect(first.mode & 0o777).toBe(0o600);
    expect(same.ino).toBe(first.ino);
    expect(other.ino).not.toBe(first.ino);
  });

  it.each([
    { chosen: 'flotilla-m1', current: 'flotilla-m1' },
    { chosen: 'flotilla-gone', current: 'flotilla-all' },
    { chosen: 'something: [else', current: 'flotilla-all' },
  ])('a current context of $chosen becomes $current', async ({ chosen, current }) => {
    const path = join(directory, 'kubeconfig');
    await writeFile(path, `current-context: ${chosen}\n`);
    await writeKubeconfig(path, content);

    const { 'current-context': now } = parse(await readFile(path, 'utf8')) as Kubeconfig;
    expect(now).toBe(current);
  });
});
