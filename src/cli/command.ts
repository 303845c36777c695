import type { Environment, Settings } from '../config/index.ts';

/** What a command meets of the outside. */
export interface CommandContext {
  /** Without the command's name. */
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** One word of the command line. */
export interface Command {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  readonly settings: Settings;
  /**
   * @returns the exit code
   * @throws StatusError: BadRequest for what the user gave (exit code 2), any other for the rest (1)
   */
  readonly run: (context: CommandContext) => Promise<number>;
}
