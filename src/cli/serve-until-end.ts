import { destination, pino, type Logger } from 'pino';
import type { UpConfig } from '../config/index.ts';
import type { Assembly } from './assemble.ts';
import type { CommandContext } from './command.ts';

/** However badly things go, the process is gone this long after the delay of its shutdown. */
const SHUTDOWN_LIMIT_MS = 10_000;

/** Logs go to standard error: standard output belongs to the ready line. */
export function openLog({ logLevel }: Pick<UpConfig, 'logLevel'>): Logger {
  return pino({ level: logLevel, base: null }, destination(2));
}

export interface Serving {
  readonly config: UpConfig;
  readonly log: Logger;
  readonly assembly: Assembly;
}

/** Says that we can serve, and serves until the process is asked to end; @returns the exit code */
export async function serveUntilEnd(
  { stdout, signal }: CommandContext,
  { config, log, assembly }: Serving,
): Promise<number> {
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
