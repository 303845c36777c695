import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isIP } from 'node:net';
import {
  choiceSetting,
  durationSetting,
  integerSetting,
  listSetting,
  switchSetting,
  textSetting,
  type Environment,
  type Setting,
} from './setting.ts';
import { readAddress } from './address.ts';

/** Where programs keep what is the user's: XDG's rule. */
function userDataDirectory(environment: Environment): string {
  const given = environment['XDG_DATA_HOME'];
  const home = given !== undefined && given !== '' ? given : join(homedir(), '.local', 'share');
  return join(home, 'flotilla');
}

/** The settings of `flotilla up`. The only place that says what they are. */
export const UP_SETTINGS = {
  kubeconfig: listSetting({
    flag: 'kubeconfig',
    placeholder: 'FILE',
    description: `Kubeconfig whose contexts become members; may be repeated, or be a list joined by '${delimiter}', and is merged as kubectl merges.`,
    separator: delimiter,
    defaultText: "$KUBECONFIG, else the user's ~/.kube/config",
    defaultValue: () => undefined,
  }),
  contexts: listSetting({
    flag: 'contexts',
    placeholder: 'A,B,NAME=C',
    description:
      'Contexts that become members, separated by commas; NAME=CONTEXT gives a member another name.',
    separator: ',',
    defaultText: 'all contexts',
    defaultValue: () => undefined,
  }),
  dataDir: textSetting({
    flag: 'data-dir',
    placeholder: 'DIR',
    description: 'Directory for certificates, state and the kubeconfig that is written.',
    defaultText: '$XDG_DATA_HOME/flotilla, else ~/.local/share/flotilla',
    defaultValue: userDataDirectory,
  }),
  listenAddress: textSetting({
    flag: 'listen-address',
    placeholder: 'IP',
    description: 'IP address to listen on; 0.0.0.0 and :: listen on all.',
    defaultText: '127.0.0.1',
    defaultValue: () => '127.0.0.1',
    check: (text) => (isIP(text) === 0 ? 'must be an IP address' : undefined),
  }),
  port: integerSetting({
    flag: 'port',
    description: 'TCP port to listen on; 0 takes any that is free.',
    defaultText: '7443',
    defaultValue: () => 7443,
    min: 0,
    max: 65_535,
  }),
  logLevel: choiceSetting({
    flag: 'log-level',
    description: 'How much is logged on standard error: trace, debug, info, warn, error or silent.',
    defaultText: 'info',
    defaultValue: () => 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
  }),
  memberDeadline: durationSetting({
    flag: 'member-deadline',
    description:
      'How long a request waits for a slow member before it answers without it, 100ms to 1m.',
    defaultText: '3s',
    defaultValue: () => 3000,
    minMs: 100,
    maxMs: 60_000,
  }),
  shutdownDelay: durationSetting({
    flag: 'shutdown-delay',
    description:
      'How long requests are still taken after SIGTERM, while /readyz fails already, 0ms to 1m.',
    defaultText: '500ms',
    defaultValue: () => 500,
    minMs: 0,
    maxMs: 60_000,
  }),
} as const;

const hostKubeconfig = textSetting({
  flag: 'host-kubeconfig',
  placeholder: 'FILE',
  description:
    'Kubeconfig whose current context is the host, or in-cluster for the cluster that this runs in as a pod.',
  defaultText: '',
  defaultValue: () => '',
  isRequired: true,
});

/** The settings of `flotilla serve`. */
export const SERVE_SETTINGS = {
  hostKubeconfig,
  register: switchSetting({
    flag: 'register',
    description: 'Registers this server with the host, and keeps the registration right.',
    defaultText: 'false',
    defaultValue: () => false,
  }),
  advertise: textSetting({
    flag: 'advertise',
    placeholder: 'HOST:PORT',
    description:
      'With --register: where the host reaches this server, when it does not run there as a pod.',
    defaultText: 'the pods of Service flotilla',
    defaultValue: (): string | undefined => undefined,
    check: (text) => (readAddress(text) ? undefined : 'must be a host name or address and a port'),
  }),
  ...UP_SETTINGS,
} as const;

/** The settings of `flotilla unregister`. */
export const UNREGISTER_SETTINGS = { hostKubeconfig } as const;

/** The settings of a command, by the names that the program uses. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings. */
export type ConfigOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** `memberDeadline` and `shutdownDelay` are milliseconds. */
export type UpConfig = ConfigOf<typeof UP_SETTINGS>;

/** As `UpConfig`, with what a host needs. */
export type ServeConfig = ConfigOf<typeof SERVE_SETTINGS>;
