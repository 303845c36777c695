import { CLOSE_BRACE, keyOf, OPEN_BRACE, scanObject, type Scanner } from './scanner.ts';

/** What a cache needs to know of an object. Strings are decoded; what is missing or no string is ''. */
export interface ObjectFacts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** The member's own; opaque. */
  readonly resourceVersion: string;
  /** RFC 3339, as the member wrote it. */
  readonly creationTimestamp: string;
  /** Has no prototype, so that any label may be looked up in it. Values that are no strings are left out. */
  readonly labels: Readonly<Record<string, string>>;
}

type Draft = { -readonly [Field in keyof ObjectFacts]: ObjectFacts[Field] };

const METADATA = keyOf('metadata');
const LABELS = keyOf('labels');
const ROOT_FIELDS = (['apiVersion', 'kind'] as const).map((field) => ({
  field,
  key: keyOf(field),
}));
const METADATA_FIELDS = (
  ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'] as const
).map((field) => ({ field, key: keyOf(field) }));
type TextField = (typeof ROOT_FIELDS | typeof METADATA_FIELDS)[number];

/**
 * Reads the facts of one object and checks all of it. Depth is tracked, so an object nested in this
 * one is never taken for its metadata. Of equal keys the last wins, as in Go and in JSON.parse.
 *
 * @param object - exactly one JSON object; white space around it is allowed
 * @throws MalformedJson unless the bytes are one object in strict JSON and well-formed UTF-8
 */
export function readFacts(object: Buffer): ObjectFacts {
  const scanner = scanObject(object);
  const facts = scanFacts(scanner, 0);
  scanner.finish();
  return facts;
}

/**
 * Reads the facts of the object at the scanner and passes it.
 *
 * @param depth - containers around the object
 */
export function scanFacts(scanner: Scanner, depth: number): ObjectFacts {
  const facts: Draft = { apiVersion: '', kind: '', ...noMetadata() };
  const inside = depth + 1;
  for (let more = scanner.enter(CLOSE_BRACE, inside); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(METADATA)) scanMetadata(scanner, facts, inside);
    else scanField(scanner, { facts, fields: ROOT_FIELDS, depth: inside });
  }
  return facts;
}

const noMetadata = (): Omit<Draft, 'apiVersion' | 'kind'> => ({
  name: '',
  namespace: '',
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
  labels: noLabels(),
});

const noLabels = (): Record<string, string> => Object.create(null) as Record<string, string>;

/** `depth`, here and below: containers around the value. */
function scanMetadata(scanner: Scanner, facts: Draft, depth: number): void {
  Object.assign(facts, noMetadata()); // a second metadata replaces the first, it does not add to it
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(depth);
    return;
  }
  const inside = depth + 1;
  for (let more = scanner.enter(CLOSE_BRACE, inside); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(LABELS)) facts.labels = scanLabels(scanner, inside);
    else scanField(scanner, { facts, fields: METADATA_FIELDS, depth: inside });
  }
}

function scanLabels(scanner: Scanner, depth: number): Record<string, string> {
  const labels = noLabels();
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(depth);
    return labels;
  }
  const inside = depth + 1;
  for (let more = scanner.enter(CLOSE_BRACE, inside); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    const label = scanner.keyText();
    const value = scanner.readIfString(inside);
    if (value !== undefined) labels[label] = value;
    else Reflect.deleteProperty(labels, label); // the last of equal keys wins, even if it is no label
  }
  return labels;
}

interface FieldPlace {
  readonly facts: Draft;
  readonly fields: readonly TextField[];
  readonly depth: number;
}

function scanField(scanner: Scanner, { facts, fields, depth }: FieldPlace): void {
  for (const { field, key } of fields) {
    if (!scanner.keyIs(key)) continue;
    facts[field] = scanner.readIfString(depth) ?? '';
    return;
  }
  scanner.skipValue(depth);
}
