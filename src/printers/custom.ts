import { parseTimestamp, type Elapsed } from './age.ts';
import descriptions from './descriptions.json' with { type: 'json' };
import { filled } from './filled.ts';
import { findByPath } from './find-by-path.ts';
import { goText } from './go-text.ts';
import { parseJsonPath, type Path } from './json-path.ts';
import {
  column,
  makePrinter,
  nameColumn,
  type Cell,
  type Column,
  type KubernetesObject,
  type Printer,
} from './printer.ts';

/** One of `additionalPrinterColumns` of a CustomResourceDefinition's version. */
export interface CustomColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

const AGE: CustomColumn = {
  name: 'Age',
  type: 'date',
  description: descriptions['*'].Age,
  jsonPath: '.metadata.creationTimestamp',
};

/**
 * The printer of a custom kind: its name, then its columns; Age when it has none. Dates are printed
 * as ages. Columns from the first one on whose path can't be read are left out.
 */
export function customPrinter(columns: readonly CustomColumn[]): Printer {
  const parsed = (columns.length > 0 ? columns : [AGE]).map((custom) => ({
    custom,
    path: parseJsonPath(custom.jsonPath),
  }));
  const unreadable = parsed.findIndex(({ path }) => path === undefined);
  const readable = unreadable < 0 ? parsed : parsed.slice(0, unreadable);

  return makePrinter<KubernetesObject>(
    [nameColumn(), ...readable.map(({ custom, path }) => columnOf(custom, path ?? []))],
    { read: (object) => object as KubernetesObject, describe: () => descriptions['*'].Name },
  );
}

function columnOf(custom: CustomColumn, path: Path): Column<KubernetesObject> {
  return {
    ...column(custom.name, () => null),
    type: custom.type,
    format: custom.format ?? '',
    priority: custom.priority ?? 0,
    description: filled(
      custom.description,
      `Custom resource definition column (in JSONPath format): ${custom.jsonPath}`,
    ),
    isTimed: custom.type === 'date',
    cell: (object) => {
      const found = findByPath(object, path);
      return found && found.length > 0 ? cellOf(custom.type, found[0]) : null;
    },
  };
}

/** Only a text column takes any value; the others take their own type or stay empty. */
function cellOf(type: string, value: unknown): Cell | Elapsed {
  switch (type) {
    case 'string':
      return goText(value);
    case 'integer':
      return integerOf(value);
    case 'number':
      return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value) : null;
    default:
      return null;
  }
}

/** What does not fit into 64 bits becomes the least number that does. */
const INTEGER_LIMIT = 2 ** 63;

function integerOf(value: unknown): number | bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return null;
  return Math.abs(value) < INTEGER_LIMIT ? Math.trunc(value) : -INTEGER_LIMIT;
}

function ageOf(text: string): Elapsed | string {
  const since = text === 'null' ? undefined : parseTimestamp(text);
  if (since === undefined) return '<unknown>';
  return Number.isNaN(since) ? '<invalid>' : { since, before: '', after: '' };
}
