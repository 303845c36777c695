/**
 * Waits for a promise that never rejects, but no longer than this.
 * @param timeoutMs - 0 or less: not at all
 */
export async function raceTimeout(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  if (timeoutMs <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
