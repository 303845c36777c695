import { parseTimestamp } from './age.ts';
import descriptions from './descriptions.json' with { type: 'json' };
import { column, makePrinter, nameColumn, type KubernetesObject, type Printer } from './printer.ts';

/** What kube-apiserver prints of a kind without columns of its own: its name and its birth. */
export const defaultPrinter: Printer = makePrinter<KubernetesObject>(
  [
    { ...nameColumn(), description: descriptions['*'].Name },
    {
      ...column('Created At', ({ metadata }) => createdAt(metadata?.creationTimestamp)),
      type: 'date',
      description: descriptions['*'].Age,
    },
  ],
  { read: (object) => object as KubernetesObject, describe: () => '' },
);

/** In UTC, to the second; an object without a birth was born with the zero time. */
function createdAt(timestamp: string | null | undefined): string {
  const ms = parseTimestamp(timestamp);
  if (ms === undefined || Number.isNaN(ms)) return '0001-01-01T00:00:00Z';
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
