import { readPaths } from '../bytes/index.ts';

/** The member's history is gone: read it in full again. */
export class HistoryGone extends Error {}
/** The member does not serve the kind (any more). */
export class KindGone extends Error {}

/** The code of a v1 Status; NaN if it has none. */
export function statusCode(status: Buffer): number {
  return Number(readPaths(status, [['code']])[0]);
}

/** Why the member did not answer as asked. */
export function refusal(code: number, body: Buffer): Error {
  let message: string;
  try {
    message = readPaths(body, [['message']])[0] ?? '';
  } catch {
    message = 'the answer is not a Status';
  }
  const text = `member answered ${code}: ${message}`;
  if (code === 410) return new HistoryGone(text);
  return code === 404 ? new KindGone(text) : new Error(text);
}
