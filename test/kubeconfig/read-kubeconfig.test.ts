import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultKubeconfigFiles, kubeconfigReader } from '../../src/kubeconfig/read-kubeconfig.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(async () => rm(directory, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

const withServer = (cluster: string, server: string) =>
  `clusters: [{name: ${cluster}, cluster: {server: ${server}}}]\n`;

describe('kubeconfig files', () => {
  it('merge so that the first file that has a name counts', async () => {
    const files = [
      await write('1', withServer('a', 'https://first')),
      await write('2', `${withServer('a', 'https://second')}users: [{name: u, user: {token: t}}]`),
      await write('3', withServer('b', 'https://third')),
    ];

    const { clusters, users } = await kubeconfigReader({ files, mayBeMissing: false }).read();

    expect([...clusters.values()].map(({ entry }) => entry['server'])).toEqual([
      'https://first',
      'https://third',
    ]);
    expect([...users.keys()]).toEqual(['u']);
  });

  it('that are listed may be missing', async () => {
    const files = [join(directory, 'none'), await write('1', withServer('a', 'https://x'))];

    const { clusters } = await kubeconfigReader({ files, mayBeMissing: true }).read();

    expect([...clusters.keys()]).toEqual(['a']);
  });

  it.each([
    { title: 'is missing', text: undefined, want: /can't read the kubeconfig .*none \(ENOENT\)/ },
    { title: 'is not YAML', text: 'a: [', want: /the kubeconfig .*none is not YAML: / },
  ])('that was asked for and $title is named', async ({ text, want }) => {
    const file = join(directory, 'none');
    if (text !== undefined) await writeFile(file, text);
    const reader = kubeconfigReader({ files: [file], mayBeMissing: false });

    await expect(reader.read()).rejects.toMatchObject({
      reason: 'BadRequest',
      message: expect.stringMatching(want) as string,
    });
  });

  it.each(['', 'null', '[]', 'clusters: 3', 'clusters: [1, {name: 2}, {}]'])(
    'that hold %j hold no clusters',
    async (text) => {
      const files = [await write('odd', text)];

      const { clusters } = await kubeconfigReader({ files, mayBeMissing: false }).read();

      expect(clusters.size).toBe(0);
    },
  );

  it('are read again when one has changed, and only then', async () => {
    const file = await write('1', withServer('a', 'https://old'));
    const reader = kubeconfigReader({ files: [file], mayBeMissing: false });
    const before = await reader.read();
    expect(await reader.read()).toBe(before);

    await writeFile(file, withServer('a', 'https://newer'));

    expect((await reader.read()).clusters.get('a')?.entry['server']).toBe('https://newer');
  });

  it.each([
    { env: { KUBECONFIG: '/a::/b', HOME: '/h' }, want: ['/a', '/b'] },
    { env: { KUBECONFIG: '', HOME: '/h' }, want: ['/h/.kube/config'] },
    { env: {}, want: [] },
  ])('are by default those of $env', ({ env, want }) => {
    expect(defaultKubeconfigFiles(env)).toEqual(want);
  });
});
