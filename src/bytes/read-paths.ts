import { CLOSE_BRACE, keyOf, OPEN_BRACE, scanObject, type Key, type Scanner } from './scanner.ts';

/** The wanted paths as a tree, so that one pass over an object answers them all. */
interface PathNode {
  readonly key: Key;
  readonly children: PathNode[];
  /** Positions in the answer that the value here fills. */
  readonly slots: number[];
}

/** Callers hand in the same few lists of paths over and over. */
const trees = new WeakMap<readonly (readonly string[])[], PathNode>();

/**
 * Reads values at paths of an object, as field selectors want them, and checks all of the object.
 * Of equal keys the last wins.
 *
 * @param paths - keys from the root down; arrays are never entered. The list must not change afterwards
 * @returns one text a path: strings decoded, numbers as they are written, booleans as `true` or
 * `false`; '' for null, objects, arrays and what is missing
 * @throws MalformedJson unless the bytes are one object in strict JSON and well-formed UTF-8
 */
export function readPaths(object: Buffer, paths: readonly (readonly string[])[]): string[] {
  const texts = paths.map(() => '');
  const scanner = scanObject(object);
  readMembers(scanner, { node: treeOf(paths), depth: 1, texts });
  scanner.finish();
  return texts;
}

interface Place {
  readonly node: PathNode;
  /** Containers around the members of the object at this place. */
  readonly depth: number;
  readonly texts: string[];
}

/** Calls itself no deeper than the longest path. */
function readMembers(scanner: Scanner, { node, depth, texts }: Place): void {
  for (let more = scanner.enter(CLOSE_BRACE, depth); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    const child = node.children.find(({ key }) => scanner.keyIs(key));
    if (!child) {
      scanner.skipValue(depth);
      continue;
    }
    forget(child, texts); // what an equal key said before
    if (scanner.peek() === OPEN_BRACE)
      readMembers(scanner, { node: child, depth: depth + 1, texts });
    else {
      const text = readText(scanner, depth);
      for (const slot of child.slots) texts[slot] = text;
    }
  }
}

function readText(scanner: Scanner, depth: number): string {
  const start = scanner.position;
  const text = scanner.readIfString(depth);
  if (text !== undefined) return text;
  const literal = scanner.bytes.toString('latin1', start, scanner.position);
  return literal === 'null' || literal.startsWith('[') ? '' : literal;
}

function forget(node: PathNode, texts: string[]): void {
  for (const slot of node.slots) texts[slot] = '';
  for (const child of node.children) forget(child, texts);
}

function treeOf(paths: readonly (readonly string[])[]): PathNode {
  const known = trees.get(paths);
  if (known) return known;
  const root: PathNode = { key: keyOf(''), children: [], slots: [] };
  for (const [slot, path] of paths.entries()) {
    let node = root;
    for (const text of path) {
      let child = node.children.find(({ key }) => key.text === text);
      if (!child) node.children.push((child = { key: keyOf(text), children: [], slots: [] }));
      node = child;
    }
    node.slots.push(slot);
  }
  trees.set(paths, root);
  return root;
}
