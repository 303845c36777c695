import { resolve } from 'node:path';
import { destination, pino } from 'pino';
import { UP_SETTINGS, loadConfig } from '../config/index.ts';
import { assemble } from './assemble.ts';
import type { Command, CommandContext } from './command.ts';

/** However badly things go, the process is gone this long after the delay of its shutdown. */
const SHUTDOWN_LIMIT_MS = 10_000;

export const upCommand: Command = {
  name: 'up',
  summary: 'Makes each context of a kubeconfig a member, and serves them as one Kubernetes API.',
  settings: UP_SETTINGS,
  run: up,
};

async function up({ args, environment, stdout, signal }: CommandContext): Promise<number> {
  const given = loadConfig(UP_SETTINGS, { args, environment });
  const config = { ...given, dataDir: resolve(given.dataDir) };
  const log = pino({ level: config.logLevel, base: null }, destination(2));
  const assembly = await assemble({ config, environment, log, now: Date.now });
  logStrays(log);
  stdout.write(`ready ${assembly.url} kubeconfig=${assembly.kubeconfig}\n`);
  await aborted(signal);
  log.info('closing');
  const limit = setTimeout(() => {
    log.error('closing took too long');
    process.exit(1);
  }, config.shutdownDelay + SHUTDOWN_LIMIT_MS);
  await assembly.close();
  clearTimeout(limit);
  return 0;
}

/**
 * Once we serve, a fault that nobody caught is one request's or one member's: it is logged, and the
 * others are served on. Before that, it ends the start.
 */
function logStrays(log: { error: (fields: object, message: string) => void }): void {
  const stray = (err: unknown): void => {
    log.error({ err }, 'uncaught failure');
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    signal.addEventListener(
      'abort',
      () => {
        done();
      },
      { once: true },
    );
  });
}
