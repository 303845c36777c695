import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  UP_SETTINGS,
  loadConfig,
  settingsHelp,
  settingsTable,
  type UpConfig,
} from '../../src/config/index.ts';

function load(args: string[], environment: Record<string, string> = {}): UpConfig {
  return loadConfig(UP_SETTINGS, { args, environment: { HOME: '/home/jane', ...environment } });
}

function faults(args: string[], environment: Record<string, string> = {}): string[] {
  try {
    load(args, environment);
  } catch (err) {
    return (err as Error).message.split('\n');
  }
  return [];
}

describe('settings', () => {
  let directory: string;
  let file: (content: string) => Promise<string>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flotilla-config-'));
    file = async (content) => {
      const path = join(directory, `${Math.random()}.yaml`);
      await writeFile(path, content);
      return path;
    };
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it('have defaults', () => {
    expect(load([], { XDG_DATA_HOME: '/data' })).toEqual({
      kubeconfig: undefined,
      contexts: undefined,
      dataDir: '/data/flotilla',
      listenAddress: '127.0.0.1',
      port: 7443,
      logLevel: 'info',
      memberDeadline: 3000,
      shutdownDelay: 500,
    });
  });

  it.each([
    {
      args: ['--kubeconfig', '/a:/b', '--kubeconfig=/c'],
      want: { kubeconfig: ['/a', '/b', '/c'] },
    },
    { args: ['--contexts', 'a,b , x=c'], want: { contexts: ['a', 'b', 'x=c'] } },
    { args: ['--contexts=a', '--contexts=b'], want: { contexts: ['a', 'b'] } },
    { args: ['--port', '0'], want: { port: 0 } },
    { args: ['--port=65535'], want: { port: 65535 } },
    { args: ['--listen-address', '::1'], want: { listenAddress: '::1' } },
    { args: ['--member-deadline', '500ms'], want: { memberDeadline: 500 } },
    { args: ['--member-deadline', '1.5s'], want: { memberDeadline: 1500 } },
    { args: ['--member-deadline', '1m'], want: { memberDeadline: 60000 } },
    { args: ['--log-level', 'debug'], want: { logLevel: 'debug' } },
    { args: ['--data-dir', '-odd'], want: { dataDir: '-odd' } },
  ])('$args', ({ args, want }) => {
    expect(load(args)).toMatchObject(want);
  });

  it('come from flag before environment before file before default', async () => {
    const path = await file(
      'port: 3\nlog-level: warn\nlisten-address: 127.0.0.3\ncontexts: [a, b]\n',
    );
    const environment = { FLOTILLA_CONFIG: path, FLOTILLA_PORT: '2', FLOTILLA_LOG_LEVEL: 'error' };

    expect(load(['--port', '1'], environment)).toMatchObject({
      port: 1,
      logLevel: 'error',
      listenAddress: '127.0.0.3',
      contexts: ['a', 'b'],
      memberDeadline: 3000,
    });
  });

  it('an empty variable is as none, an empty file too', async () => {
    expect(load(['--config', await file('')], { FLOTILLA_PORT: '' }).port).toBe(7443);
  });

  it.each([
    { args: ['--port', 'x'], fault: '--port must be a whole number from 0 to 65535, not "x"' },
    {
      args: ['--port', '65536'],
      fault: '--port must be a whole number from 0 to 65535, not "65536"',
    },
    { args: ['--port', '1e3'], fault: '--port must be a whole number from 0 to 65535, not "1e3"' },
    { args: ['--port', '-1'], fault: '--port must be a whole number from 0 to 65535, not "-1"' },
    { args: ['--port'], fault: '--port needs a value' },
    { args: ['--port', '--log-level', 'info'], fault: '--port needs a value' },
    { args: ['--port', '1', '--port', '2'], fault: '--port is given more than once' },
    {
      args: ['--listen-address', 'localhost'],
      fault: '--listen-address must be an IP address, not "localhost"',
    },
    { args: ['--data-dir', ''], fault: '--data-dir must not be empty, not ""' },
    { args: ['--contexts', ','], fault: '--contexts must not be empty, not ","' },
    {
      args: ['--member-deadline', '3'],
      fault: '--member-deadline must be a time from 100ms to 1m, such as 500ms or 3s, not "3"',
    },
    {
      args: ['--member-deadline', '2h'],
      fault: '--member-deadline must be a time from 100ms to 1m, such as 500ms or 3s, not "2h"',
    },
    {
      args: ['--log-level', 'loud'],
      fault: '--log-level must be one of trace, debug, info, warn, error, silent, not "loud"',
    },
    { args: ['--colour'], fault: '--colour is not a flag of this command' },
    { args: ['-p', '1'], fault: '-p is not a flag of this command' },
    { args: ['now'], fault: '"now" is not understood' },
    {
      args: ['--config', '/no/such'],
      fault: "/no/such: can not be read: ENOENT: no such file or directory, open '/no/such'",
    },
  ])('$args is a fault', ({ args, fault }) => {
    expect(faults(args)).toContain(fault);
  });

  it('all faults are told at once, whatever they come from', async () => {
    const path = await file('port: x\ncolour: red\n');

    expect(
      faults(['--log-level', 'loud', '--config', path], { FLOTILLA_MEMBER_DEADLINE: 'soon' }),
    ).toEqual(
      [
        `${path}: colour is not a setting of this command`,
        `${path}: port must be a whole number from 0 to 65535, not "x"`,
        '--log-level must be one of trace, debug, info, warn, error, silent, not "loud"',
        'FLOTILLA_MEMBER_DEADLINE must be a time from 100ms to 1m, such as 500ms or 3s, not "soon"',
      ].sort((a, b) => order(a, path) - order(b, path)),
    );
  });

  it.each(['[1]', 'text', 'a: [unclosed'])('a file of %s is a fault', async (content) => {
    const path = await file(content);

    expect(faults(['--config', path])[0]).toContain(path);
  });

  it('help and table name every flag, its variable and its default', () => {
    const help = settingsHelp(UP_SETTINGS);
    const table = settingsTable(UP_SETTINGS);

    for (const { flag, defaultText } of Object.values(UP_SETTINGS)) {
      expect(help).toContain(`--${flag} `);
      expect(table).toContain(`| \`--${flag} `);
      expect(table).toContain(
        `\`FLOTILLA_${flag.toUpperCase().replaceAll('-', '_')}\` | \`${defaultText}\``,
      );
    }
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

/** The file's unknown names come first, then settings in the order of the schema. */
function order(fault: string, path: string): number {
  if (fault.includes('colour')) return 0;
  if (fault.startsWith(path)) return 1;
  return fault.startsWith('--log-level') ? 2 : 3;
}
