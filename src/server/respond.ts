import type { Exchange } from './exchange.ts';

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Sends a whole answer; HEAD gets its head only. */
export function respond({ req, res }: Pick<Exchange, 'req' | 'res'>, answer: Answer): void {
  const { statusCode, headers, body } = answer;
  const hasBody = statusCode !== 304 && statusCode !== 204;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (hasBody) res.setHeader('Content-Length', Buffer.byteLength(body));
  res.writeHead(statusCode);
  res.end(hasBody && req.method !== 'HEAD' ? body : undefined);
}

export function respondJson(
  exchange: Pick<Exchange, 'req' | 'res'>,
  value: unknown,
  statusCode = 200,
): void {
  respond(exchange, {
    statusCode,
    headers: { 'Content-Type': 'application/json' },
    body: `${JSON.stringify(value)}\n`,
  });
}

export function respondText(
  exchange: Pick<Exchange, 'req' | 'res'>,
  text: string,
  statusCode = 200,
): void {
  respond(exchange, {
    statusCode,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    body: text,
  });
}
