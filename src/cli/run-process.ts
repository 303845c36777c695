import { run } from './run.ts';

/** Runs this process's command line to its exit code; SIGTERM and SIGINT ask it to end. */
export async function runProcess(): Promise<void> {
  const end = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    // Once: a second Ctrl-C ends the process the hard way.
    process.once(name, () => {
      end.abort(name);
    });
  }
  process.exitCode = await run({
    args: process.argv.slice(2),
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: end.signal,
  });
}
