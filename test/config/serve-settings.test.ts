import { describe, expect, it } from 'vitest';
import {
  SERVE_SETTINGS,
  UNREGISTER_SETTINGS,
  loadConfig,
  readAddress,
  settingsHelp,
} from '../../src/config/index.ts';

const HOST = ['--host-kubeconfig', 'in-cluster'];

function faults(args: string[], environment: Record<string, string> = {}): string[] {
  try {
    loadConfig(SERVE_SETTINGS, { args, environment });
  } catch (err) {
    return (err as Error).message.split('\n');
  }
  return [];
}

describe('settings of serve', () => {
  it.each([
    { title: 'the flag alone', args: ['--register'], want: true },
    { title: 'the flag before another', args: ['--register', '--port', '1'], want: true },
    { title: 'the flag with a value', args: ['--register=false'], want: false },
    { title: 'the environment', env: { FLOTILLA_REGISTER: 'true' }, want: true },
    {
      title: 'the flag over the environment',
      args: ['--register=false'],
      env: { FLOTILLA_REGISTER: 'true' },
      want: false,
    },
    { title: 'nothing', want: false },
  ])('register by $title', ({ args = [], env = {}, want }) => {
    const config = loadConfig(SERVE_SETTINGS, { args: [...HOST, ...args], environment: env });

    expect(config.register).toBe(want);
  });

  it('tell what misses and what is wrong at once', () => {
    expect(faults(['--register=perhaps', '--advertise', 'nowhere'])).toEqual([
      '--host-kubeconfig must be given',
      '--register must be true or false, not "perhaps"',
      '--advertise must be a host name or address and a port, not "nowhere"',
    ]);
    expect(faults([...HOST, '--register', '--register'])).toEqual([
      '--register is given more than once',
    ]);
    expect(faults([...HOST, '--register', 'yes'])).toEqual(['"yes" is not understood']);
  });

  it('the kubeconfig of the host may come from the environment', () => {
    const environment = { FLOTILLA_HOST_KUBECONFIG: '/k' };

    expect(loadConfig(UNREGISTER_SETTINGS, { args: [], environment })).toEqual({
      hostKubeconfig: '/k',
    });
  });

  it('a switch stands without a value in the help', () => {
    expect(settingsHelp(SERVE_SETTINGS)).toMatch(/^ {2}--register$/m);
  });
});

describe('addresses', () => {
  it.each([
    ['localhost:7443', { host: 'localhost', port: 7443 }],
    ['Fleet.Example.ORG:1', { host: 'fleet.example.org', port: 1 }],
    ['192.0.2.7:65535', { host: '192.0.2.7', port: 65_535 }],
    ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
  ])('%s is one', (text, want) => {
    expect(readAddress(text)).toEqual(want);
  });

  it.each([
    ...['localhost', ':443', 'a:0', 'a:65536', 'a:b', '2001:db8::1:443', '[localhost]:1'],
    ...['a b:1', '-a:1', 'a..b:1', 'https://a:1', '[::1:1', 'a:1:2', ''],
  ])('%j is none', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });
});
