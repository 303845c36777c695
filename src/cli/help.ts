import { settingsHelp } from '../config/index.ts';
import type { Command } from './command.ts';

/** What `flotilla help` prints. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'flotilla makes a fleet of Kubernetes clusters one Kubernetes API.',
    '',
    'Usage: flotilla COMMAND [--flag VALUE …]',
    '',
    'Commands:',
    ...lines,
    '',
    'flotilla COMMAND --help tells what a command takes.',
    '',
  ].join('\n');
}

/** What `flotilla COMMAND --help` prints. */
export function commandHelp({ name, summary, settings }: Command): string {
  const hasSettings = Object.keys(settings).length > 0;
  const usage = `Usage: flotilla ${name}${hasSettings ? ' [--flag VALUE …]' : ''}`;
  const help = hasSettings ? ['', settingsHelp(settings)] : [];
  return [summary, '', usage, ...help, ''].join('\n');
}

/** @param others - all commands but this one, asked for when it runs */
export function helpCommand(others: () => readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'Prints what this program does, or what a command takes.',
    settings: {},
    run: ({ args, stdout }) => {
      const all = others();
      const command = all.find(({ name }) => name === args[0]);
      stdout.write(command ? commandHelp(command) : programHelp(all));
      return Promise.resolve(0);
    },
  };
}
