import type { Command } from './command.ts';
import { programVersion } from './program-version.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: 'Prints the version of this program and of Node.',
  settings: {},
  run: ({ stdout }) => {
    stdout.write(`flotilla ${programVersion()} (node ${process.version})\n`);
    return Promise.resolve(0);
  },
};
