import { request } from 'node:https';

/** One HTTPS request, written header by header. */
export interface Asking {
  /** PEM; what the server's certificate must be signed by. */
  readonly ca: string;
  readonly method?: string;
  /** Name and value in turn, as they go over the wire. */
  readonly headers?: readonly string[];
  readonly body?: object;
  /** A client certificate, PEM. */
  readonly as?: { readonly certificate: string; readonly key: string } | undefined;
  readonly serverName?: string;
}

export interface Answered {
  readonly code: number;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

/** Asks over a connection of its own. */
export async function ask(url: string, asking: Asking): Promise<Answered> {
  const { ca, method = 'GET', headers = [], body, as, serverName } = asking;
  // As bytes: beside a text, Node would write the headers in the text's encoding.
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const own = ['Host', new URL(url).host];
  if (bytes !== undefined) {
    own.push('Content-Type', 'application/json', 'Content-Length', String(bytes.length));
  }
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        ca,
        method,
        agent: false,
        headers: [...own, ...headers],
        ...(as && { cert: as.certificate, key: as.key }),
        ...(serverName !== undefined && { servername: serverName }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          resolve({
            code: response.statusCode ?? 0,
            text: answer,
            json: () => JSON.parse(answer) as Record<string, unknown>,
          });
        });
      },
    );
    call.once('error', reject);
    call.end(bytes);
  });
}
