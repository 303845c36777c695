import { CLOSE_BRACE, keyOf, OPEN_BRACE, scanObject, type Key, type Scanner } from './scanner.ts';

/**
 * The bytes of the value at a path, as they stand in the object; of equal keys the last wins.
 *
 * @param path - keys from the root down; arrays are never entered
 * @returns a view of the object's bytes; undefined when there is no value
 * @throws MalformedJson unless the bytes are one object in strict JSON and well-formed UTF-8
 */
export function sliceAt(object: Buffer, path: readonly string[]): Buffer | undefined {
  const scanner = scanObject(object);
  const found = find(scanner, path.map(keyOf), 1);
  scanner.finish();
  return found;
}

/** Calls itself no deeper than the path is long. */
function find(scanner: Scanner, path: readonly Key[], depth: number): Buffer | undefined {
  let found: Buffer | undefined;
  for (let more = scanner.enter(CLOSE_BRACE, depth); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    const isWanted = path[0] !== undefined && scanner.keyIs(path[0]);
    const opens = scanner.peek() === OPEN_BRACE;
    if (isWanted && path.length > 1 && opens) {
      found = find(scanner, path.slice(1), depth + 1);
      continue;
    }
    const start = scanner.position;
    scanner.skipValue(depth);
    if (isWanted)
      found = path.length === 1 ? scanner.bytes.subarray(start, scanner.position) : undefined;
  }
  return found;
}
