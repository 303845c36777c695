import { malformed } from './grammar.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  keyOf,
  LETTER_N,
  OPEN_BRACE,
  OPEN_BRACKET,
  scanObject,
  type Scanner,
} from './scanner.ts';
import { scanFacts, type ObjectFacts } from './read-facts.ts';

/** A list's own fields and its items. Strings are decoded; what is missing or no string is ''. */
export interface ListParts {
  /** Of the list: items of built-in kinds carry none of their own. */
  apiVersion: string;
  /** Of the list, such as `PodList`. */
  kind: string;
  resourceVersion: string;
  /** '' on the last page. */
  continueToken: string;
  /** Undefined if the member did not say. */
  remainingItemCount: number | undefined;
  /** One object each, in the member's order; views of the body, which they keep alive. */
  items: Buffer[];
}

const API_VERSION = keyOf('apiVersion');
const KIND = keyOf('kind');
const METADATA = keyOf('metadata');
const ITEMS = keyOf('items');
const RESOURCE_VERSION = keyOf('resourceVersion');
const CONTINUE = keyOf('continue');
const REMAINING_ITEM_COUNT = keyOf('remainingItemCount');

/**
 * Cuts a list into its items and checks all of it. Only the root's own `items` count. Of equal keys
 * the last wins. `items` may be null, as Go writes an empty list, but must be there: a body of
 * another kind must not pass for an empty list, which would read as the deletion of everything.
 *
 * @throws MalformedJson unless the body is a list in strict JSON and well-formed UTF-8, its items objects
 */
export function splitList(body: Buffer): ListParts {
  return split(body, (scanner) => {
    scanner.skipValue(ITEM_DEPTH);
  });
}

/** What `splitList` gives, and for each item its facts. */
export interface ListWithFacts extends ListParts {
  /** As many as items, in their order. */
  facts: ObjectFacts[];
}

/**
 * `splitList` and `readFacts` of each item in one pass over the bytes.
 *
 * @throws MalformedJson when `splitList` does
 */
export function splitListWithFacts(body: Buffer): ListWithFacts {
  let facts: ObjectFacts[] = [];
  const list = split(body, (scanner, index) => {
    if (index === 0) facts = []; // what stood in an earlier `items` does not count
    facts.push(scanFacts(scanner, ITEM_DEPTH));
  });
  return { ...list, facts: list.items.length === 0 ? [] : facts };
}

/** Containers around an item: the list and its `items`. */
const ITEM_DEPTH = 2;

/** Passes the item at the scanner. */
type ItemReader = (scanner: Scanner, index: number) => void;

function split(body: Buffer, readItem: ItemReader): ListParts {
  const scanner = scanObject(body);
  const list = { apiVersion: '', kind: '', ...noMetadata() };
  let found: Items = { items: [], fault: { problem: 'a list without items', offset: 0 } };
  for (let more = scanner.enter(CLOSE_BRACE, 1); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(ITEMS)) found = readItems(scanner, readItem);
    else if (scanner.keyIs(METADATA)) Object.assign(list, readMetadata(scanner));
    else if (scanner.keyIs(KIND)) list.kind = scanner.readIfString(1) ?? '';
    else if (scanner.keyIs(API_VERSION)) list.apiVersion = scanner.readIfString(1) ?? '';
    else scanner.skipValue(1);
  }
  scanner.finish();
  if (found.fault) malformed(found.fault.problem, found.fault.offset);
  return { ...list, items: found.items };
}

type ListMetadata = Pick<ListParts, 'resourceVersion' | 'continueToken' | 'remainingItemCount'>;

const noMetadata = (): ListMetadata => ({
  resourceVersion: '',
  continueToken: '',
  remainingItemCount: undefined,
});

function readMetadata(scanner: Scanner): ListMetadata {
  const metadata = noMetadata();
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(1);
    return metadata;
  }
  for (let more = scanner.enter(CLOSE_BRACE, 2); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(RESOURCE_VERSION)) metadata.resourceVersion = scanner.readIfString(2) ?? '';
    else if (scanner.keyIs(CONTINUE)) metadata.continueToken = scanner.readIfString(2) ?? '';
    else if (scanner.keyIs(REMAINING_ITEM_COUNT)) metadata.remainingItemCount = readCount(scanner);
    else scanner.skipValue(2);
  }
  return metadata;
}

function readCount(scanner: Scanner): number | undefined {
  scanner.peek();
  const start = scanner.position;
  scanner.skipValue(2);
  const text = scanner.bytes.toString('latin1', start, scanner.position);
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A fault counts only if no later `items` replaces these. */
interface Items {
  readonly items: Buffer[];
  fault?: { readonly problem: string; readonly offset: number };
}

function readItems(scanner: Scanner, readItem: ItemReader): Items {
  const found: Items = { items: [] };
  if (scanner.peek() !== OPEN_BRACKET) {
    const offset = scanner.position;
    scanner.skipValue(1);
    if (scanner.bytes[offset] !== LETTER_N)
      found.fault = { problem: 'items that are no array', offset };
    return found;
  }
  for (let more = scanner.enter(CLOSE_BRACKET, 2); more; more = scanner.next(CLOSE_BRACKET)) {
    const isObject = scanner.peek() === OPEN_BRACE;
    const start = scanner.position;
    if (isObject) {
      readItem(scanner, found.items.length);
      found.items.push(scanner.bytes.subarray(start, scanner.position));
    } else {
      scanner.skipValue(ITEM_DEPTH);
      found.fault = { problem: 'an item that is no object', offset: start };
    }
  }
  return found;
}
