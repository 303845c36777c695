import type { Exchange } from './exchange.ts';
import { respondText } from './respond.ts';
import { unknownPath } from '../kube/index.ts';

export type HealthEndpoint = 'livez' | 'readyz' | 'healthz';

/** One thing that must be true for this server to live or to be ready. Never a member's health. */
export interface HealthCheck {
  readonly name: string;
  readonly endpoints: readonly HealthEndpoint[];
  /** Why it fails, for the log; undefined when all is well. */
  failure(): string | undefined;
}

const HEALTH_PATH = /^\/(livez|readyz|healthz)(?:\/([^/]+))?$/;

/** Whether a path of this server's own may be read without identity. */
export function isPublicPath(path: string): boolean {
  return path === '/version' || HEALTH_PATH.test(path);
}

/** Answers `/livez`, `/readyz`, `/healthz` and one check of them, as kube-apiserver does. */
export function serveHealth(exchange: Exchange, checks: readonly HealthCheck[]): boolean {
  const match = HEALTH_PATH.exec(exchange.path);
  if (!match) return false;
  const endpoint = match[1] as HealthEndpoint;
  const own = checks.filter(({ endpoints }) => endpoints.includes(endpoint));
  if (match[2] === undefined) answerAll(exchange, endpoint, own);
  else
    answerOne(
      exchange,
      own.find(({ name }) => name === match[2]),
    );
  return true;
}

function answerOne(exchange: Exchange, check: HealthCheck | undefined): void {
  if (!check) throw unknownPath();
  const failure = check.failure();
  if (failure === undefined) respondText(exchange, 'ok');
  else respondText(exchange, `internal server error: ${failure}\n`, 500);
}

function answerAll(exchange: Exchange, endpoint: string, checks: readonly HealthCheck[]): void {
  const excluded = new Set(exchange.query.getAll('exclude'));
  const lines: string[] = [];
  let isFailed = false;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
      continue;
    }
    const failure = check.failure();
    if (failure === undefined) {
      lines.push(`[+]${check.name} ok`);
    } else {
      isFailed = true;
      exchange.log.info({ endpoint, check: check.name, failure }, 'health check failed');
      lines.push(`[-]${check.name} failed: reason withheld`);
    }
  }
  if (excluded.size > 0) lines.push(unmatchedExclusions([...excluded]));
  answerWith(exchange, { endpoint, lines, isFailed });
}

function unmatchedExclusions(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name)).join(',');
  return `warn: some health checks cannot be excluded: no matches for ${quoted}`;
}

function answerWith(
  exchange: Exchange,
  { endpoint, lines, isFailed }: { endpoint: string; lines: readonly string[]; isFailed: boolean },
): void {
  if (isFailed) {
    respondText(exchange, `${[...lines, `${endpoint} check failed`].join('\n')}\n`, 500);
  } else if (exchange.query.has('verbose')) {
    respondText(exchange, `${[...lines, `${endpoint} check passed`].join('\n')}\n`);
  } else {
    respondText(exchange, 'ok');
  }
}
