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
  const facts: Draft = { apiVersion: '', kind: '', ...noMetadata() };
  for (let more = scanner.enter(CLOSE_BRACE, 1); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(METADATA)) readMetadata(scanner, facts);
    else readField(scanner, ROOT_FIELDS, facts);
  }
  scanner.finish();
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

function readMetadata(scanner: Scanner, facts: Draft): void {
  Object.assign(facts, noMetadata()); // a second metadata replaces the first, it does not add to it
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(1);
    return;
  }
  for (let more = scanner.enter(CLOSE_BRACE, 2); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(LABELS)) facts.labels = readLabels(scanner);
    else readField(scanner, METADATA_FIELDS, facts);
  }
}

function readLabels(scanner: Scanner): Record<string, string> {
  const labels = noLabels();
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(2);
    return labels;
  }
  for (let more = scanner.enter(CLOSE_BRACE, 3); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    const label = scanner.keyText();
    const value = scanner.readIfString(3);
    if (value !== undefined) labels[label] = value;
    else Reflect.deleteProperty(labels, label); // the last of equal keys wins, even if it is no label
  }
  return labels;
}

function readField(scanner: Scanner, fields: readonly TextField[], facts: Draft): void {
  for (const { field, key } of fields) {
    if (!scanner.keyIs(key)) continue;
    facts[field] = scanner.readIfString(2) ?? '';
    return;
  }
  scanner.skipValue(2);
}
