import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from './eventually.ts';

/** A program of its own that has started clusters, to see what is left when it dies. */
export interface OwnerProcess {
  /** The line that it said. */
  readonly said: string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/**
 * Starts a program and waits until it has printed one line.
 *
 * @param expression - what it prints; may await, and knows the rig's door as `rig`
 */
export async function startOwnerProcess(expression: string): Promise<OwnerProcess> {
  const door = JSON.stringify(join(import.meta.dirname, 'index.ts'));
  const program = `
    const rig = await import(${door});
    console.log(${expression});
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    owner.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
    owner.once('exit', (code) => {
      reject(new Error(`the owner ended with code ${String(code)} before it said anything`));
    });
  });
  const kill = (signal: NodeJS.Signals): void => {
    owner.kill(signal);
  };
  return { said: line.trim(), kill };
}

/** Every process that names the folder in its command line. */
export function processesOf(directory: string): string[] {
  const all = execFileSync('ps', ['-e', '-w', '-w', '-o', 'args='], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(directory));
}

/** Resolves when neither a process nor the folder is left. */
export async function untilNothingIsLeft(directory: string): Promise<void> {
  await eventually('the end of all processes', () => processesOf(directory).length === 0);
  await eventually('the removal of the folder', () => !existsSync(directory));
}
