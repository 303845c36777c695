import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/**
 * Reads what to clean up, line by line; at the end of its input (the owner asked, or died, even by
 * SIGKILL) it kills, cleans and ends. `+PID` and `-PID` keep the list of processes, `!COMMAND` is run
 * after they are gone.
 */
const SCRIPT = `
pids=' ' commands=':'
while IFS= read -r line; do
  case $line in
    +*) pids="$pids\${line#+} " ;;
    -*) case $pids in *" \${line#-} "*) pids="\${pids%% \${line#-} *} \${pids#* \${line#-} }" ;; esac ;;
    !*) commands="$commands
\${line#!}" ;;
  esac
done
for pid in $pids; do kill -KILL "$pid"; done
for pid in $pids; do
  tries=100
  while [ $tries -gt 0 ] && kill -0 "$pid"; do tries=$((tries - 1)); sleep 0.05; done
done
eval "$commands"
tries=50
until rm -rf -- "$1" || [ $tries -eq 0 ]; do tries=$((tries - 1)); sleep 0.1; done
`;

/** A small process that outlives its owner, to leave nothing of the owner's behind. */
export interface Watchdog {
  /** From now on this process is killed with the owner. */
  readonly watch: (pid: number) => void;
  /** The process has ended by itself: its id may be somebody else's soon. */
  readonly forget: (pid: number) => void;
  /** Adds a shell command (one line) that is run once the watched processes are gone. */
  readonly cleanUpWith: (command: string) => void;
  /** Kills what is watched, cleans up, removes the directory; resolves when all that is done. */
  readonly end: () => Promise<void>;
}

/** Starts a watchdog that in the end also removes `directory`. */
export function startWatchdog(directory: string): Watchdog {
  // A session of its own: Ctrl-C in the owner's terminal must not end it before the owner.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'flotilla-rig-watchdog', directory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  // Without it clusters still end by `stop`; a write to it must not end the owner.
  child.stdin.on('error', () => undefined);
  child.unref();
  unref(child.stdin);
  const tell = (line: string): void => {
    child.stdin.write(`${line}\n`);
  };
  return {
    watch: (pid) => {
      tell(`+${pid}`);
    },
    forget: (pid) => {
      if (child.stdin.writable) tell(`-${pid}`);
    },
    cleanUpWith: (command) => {
      tell(`!${command}`);
    },
    end: async () => {
      child.ref();
      child.stdin.end();
      await gone;
    },
  };
}

/** An open pipe must not keep an owner alive that has forgotten to end its fleet. */
function unref(pipe: Writable): void {
  if (pipe instanceof Socket) pipe.unref();
}
