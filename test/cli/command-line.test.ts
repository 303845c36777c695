import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFlotilla, startUp } from '../support/start-up.ts';

describe('the command line', { timeout: 60_000 }, () => {
  let directory: string;
  let kubeconfig: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flotilla-cli-'));
    kubeconfig = join(directory, 'kubeconfig');
    // Nobody listens there: members that are down.
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: ['one', 'two'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
      }),
    );
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it.each([
    { args: [], code: 0, stdout: 'Usage: flotilla COMMAND' },
    { args: ['help'], code: 0, stdout: 'Usage: flotilla COMMAND' },
    { args: ['--help'], code: 0, stdout: 'Usage: flotilla COMMAND' },
    { args: ['up', '--help'], code: 0, stdout: '--listen-address IP' },
    { args: ['help', 'up'], code: 0, stdout: '--listen-address IP' },
    { args: ['version'], code: 0, stdout: 'flotilla 0.' },
    { args: ['--version'], code: 0, stdout: 'flotilla 0.' },
  ])('flotilla $args', async ({ args, code, stdout }) => {
    const finished = await runFlotilla(args);

    expect(finished).toMatchObject({ code, stderr: '' });
    expect(finished.stdout).toContain(stdout);
  });

  it('an unknown command is told, with those there are', async () => {
    const { code, stderr, stdout } = await runFlotilla(['sail']);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^flotilla: "sail" is not a command\n[^]*\n {2}up /);
  });

  it('all faults are told at once, with exit code 2 and nothing made', async () => {
    const dataDir = join(directory, 'never');

    const { code, stderr } = await runFlotilla([
      'up',
      '--port',
      'x',
      '--colour',
      '--data-dir',
      dataDir,
    ]);

    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(await readdir(directory)).not.toContain('never');
  });

  it('without a context it says what to do', async () => {
    const { code, stderr } = await runFlotilla(['up', '--data-dir', join(directory, 'none')], {
      KUBECONFIG: join(directory, 'no-such-file'),
    });

    expect(code).toBe(2);
    expect(stderr).toContain('--kubeconfig FILE');
  });

  it('a kubeconfig that is named but missing, and a context that is not in it, are told', async () => {
    const dataDir = ['--data-dir', join(directory, 'other')];
    const missing = await runFlotilla(['up', '--kubeconfig', '/no/such', ...dataDir]);
    const unknown = await runFlotilla([
      'up',
      '--kubeconfig',
      kubeconfig,
      '--contexts',
      'three',
      ...dataDir,
    ]);

    expect([missing.code, unknown.code]).toEqual([2, 2]);
    expect(missing.stderr).toContain('/no/such');
    expect(unknown.stderr).toContain('three');
  });

  it('starts in seconds though all members are down, and keeps a second one out', async () => {
    const dataDir = join(directory, 'data');
    const up = await startUp({ kubeconfig, dataDir, args: ['--contexts', 'one,b=two'] });
    const second = await runFlotilla(['up', '--data-dir', dataDir], { KUBECONFIG: kubeconfig });
    const clusters = await up.kubectl('flotilla', ['get', 'clusters']);
    const stopped = await up.stop();
    await up.remove();

    expect(up.readyMs).toBeLessThan(30_000);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`another flotilla uses ${dataDir}`);
    expect(clusters.stdout).toMatch(/^b +Push +False +\d+s$/m);
    expect(clusters.stdout).toMatch(/^one +Push +False +\d+s$/m);
    expect(stopped.code).toBe(0);
  });

  it('a port that is in use is told', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;

    const { code, stderr } = await runFlotilla(
      ['up', '--port', String(port), '--data-dir', join(directory, 'busy')],
      { KUBECONFIG: kubeconfig },
    );
    taken.close();

    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port} is in use: choose another --port`);
  });

  it('an address of another machine is told', async () => {
    const { code, stderr } = await runFlotilla(
      ['up', '--listen-address', '203.0.113.7', '--data-dir', join(directory, 'far')],
      { KUBECONFIG: kubeconfig },
    );

    expect(code).toBe(2);
    expect(stderr).toContain('is not of this machine');
  });

  it('a broken file of the data directory is told and left alone', async () => {
    const dataDir = await mkdtemp(join(directory, 'broken-'));
    await writeFile(join(dataDir, 'version-mark'), 'x');

    const { code, stderr } = await runFlotilla(['up', '--data-dir', dataDir], {
      KUBECONFIG: kubeconfig,
    });

    expect(code).toBe(1);
    expect(stderr).toContain(join(dataDir, 'version-mark'));
  });
});
