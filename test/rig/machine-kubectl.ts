import { execFileSync } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { findOnPath } from './find-on-path.ts';

/** Path of the machine's own kubectl 1.32, if that is the one it has. */
export function machineKubectl(): string | undefined {
  found ??= { path: find() };
  return found.path;
}

let found: { readonly path: string | undefined } | undefined;

/**
 * A distribution may install a dispatcher that picks another version for each server; the versions
 * lie beside it then, and only those say for sure who is talking.
 */
function find(): string | undefined {
  const installed = findOnPath('kubectl');
  if (!installed) return undefined;
  const directory = dirname(realpathSync(installed));
  const exact = readdirSync(directory).find((name) => name === 'kubectl.1.32');
  if (exact) return join(directory, exact);
  const said = execFileSync(installed, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  return said.includes('"v1.32.') ? installed : undefined;
}
