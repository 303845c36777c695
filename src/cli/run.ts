import { toStatusError } from '../kube/index.ts';
import type { Command, CommandContext } from './command.ts';
import { commandHelp, helpCommand, programHelp } from './help.ts';
import { serveCommand } from './serve.ts';
import { unregisterCommand } from './unregister.ts';
import { upCommand } from './up.ts';
import { versionCommand } from './version.ts';

const COMMANDS: readonly Command[] = [
  upCommand,
  serveCommand,
  unregisterCommand,
  versionCommand,
  helpCommand(() => COMMANDS),
];

const HELP_FLAGS = new Set(['--help', '-h']);

/**
 * Runs a command line.
 * @returns the exit code: 0, 1 for what went wrong, 2 for what was asked for wrongly
 */
export async function run(context: CommandContext): Promise<number> {
  const [first = 'help', ...args] = context.args;
  const name = HELP_FLAGS.has(first) ? 'help' : first === '--version' ? 'version' : first;
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    context.stderr.write(
      `flotilla: ${JSON.stringify(name)} is not a command\n\n${programHelp(COMMANDS)}`,
    );
    return 2;
  }
  if (args.some((arg) => HELP_FLAGS.has(arg))) {
    context.stdout.write(commandHelp(command));
    return 0;
  }
  try {
    return await command.run({ ...context, args });
  } catch (thrown) {
    return reportFailure(context, command, thrown);
  }
}

function reportFailure({ stderr }: CommandContext, { name }: Command, thrown: unknown): number {
  const error = toStatusError(thrown);
  const isOurs = error === thrown;
  // What we did not foresee is told whole: its stack is the only trace of it.
  const cause =
    error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
  for (const line of (isOurs ? error.message : cause).split('\n')) {
    stderr.write(`flotilla ${name}: ${line}\n`);
  }
  return error.reason === 'BadRequest' ? 2 : 1;
}
