/**
 * Loaded before the server in a soak (`node --expose-gc --import`): SIGUSR2 collects garbage, so that
 * what is measured afterwards is what is held.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
