import { performance } from 'node:perf_hooks';

import { builtPart, isBuilt, isNeeded, PART_NAMES, type PartName } from './binaries.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PART_NAMES.includes(name as PartName));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${PART_NAMES.join(', ')}`);
  process.exit(2);
}

for (const name of PART_NAMES) {
  if (wanted.length > 0 ? !wanted.includes(name) : !isNeeded(name)) continue;
  const wasBuilt = isBuilt(name);
  const start = performance.now();
  const directory = await builtPart(name);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  console.log(`${minutes.padStart(5)} min  ${name}${wasBuilt ? ' (cached)' : ''}  ${directory}`);
}
