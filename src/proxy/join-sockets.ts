import type { Duplex } from 'node:stream';

/** How long a side that was told the end may take to go, before it is cut. */
const LINGER_MS = 1_000;

/**
 * Copies bytes both ways at the pace of the slower side until one side ends; then what it has sent is
 * delivered and both are closed. Resolves when both are.
 */
export async function joinSockets(one: Duplex, other: Duplex): Promise<void> {
  await Promise.all([copy(one, other), copy(other, one)]);
}

async function copy(source: Duplex, target: Duplex): Promise<void> {
  source.pipe(target, { end: false });
  source.once('end', () => {
    target.end();
    // Unread bytes would turn the close into a reset, and the last words be lost with it.
    target.unpipe(source);
    target.resume();
    const timer = setTimeout(() => {
      target.destroy();
    }, LINGER_MS);
    target.once('close', () => {
      clearTimeout(timer);
    });
  });
  source.on('error', () => undefined);
  return new Promise((resolve) => {
    const onClose = (): void => {
      // After an orderly end the target has been told, and goes by itself or by the timer.
      if (!source.readableEnded) target.destroy();
      resolve();
    };
    if (source.closed) onClose();
    else source.once('close', onClose);
  });
}
