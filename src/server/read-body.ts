import type { IncomingMessage } from 'node:http';
import { StatusError } from '../kube/index.ts';

/** What kube-apiserver takes for one object. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * The whole body of a write.
 * @throws RequestEntityTooLarge past the limit, without reading further; BadRequest when the client
 * breaks off
 */
export async function readBody(
  req: IncomingMessage,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  const stream: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of stream) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof StatusError) throw cause;
    throw new StatusError('BadRequest', 'the request body did not arrive whole', { cause });
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(maxBytes: number): StatusError {
  return new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`);
}
