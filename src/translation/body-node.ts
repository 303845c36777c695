/**
 * One value of a body, in whichever form the body came. Opened only as far as is asked and edited in
 * place; what is not edited keeps its bytes. A question that does not fit the value (fields of a
 * string) has an empty answer: judging types is the member's business.
 */
export interface BodyNode {
  /** The string that it is; undefined for any other value. */
  readonly text: string | undefined;
  readonly isNull: boolean;
  /** An object or array with nothing in it. */
  readonly isEmpty: boolean;
  /** The values of an object's key: all of equal keys, since decoders differ on which one counts. */
  fields(key: string): readonly BodyNode[];
  /** The elements of an array. */
  elements(): readonly BodyNode[];
  replaceText(text: string): void;
  /** Removes every field of that key. */
  removeField(key: string): void;
  /** Removes elements of an array. */
  removeElements(matches: (element: BodyNode) => boolean): void;
}

/** A value that can be written back. */
export interface EncodableNode extends BodyNode {
  /** Whether it, or anything below it, was edited. */
  readonly isChanged: boolean;
  /** The value as it is now. */
  toBytes(): Buffer;
}

/** All values at a path of keys; `*` stands for every element of an array. */
export function walk(node: BodyNode, path: readonly string[]): BodyNode[] {
  let nodes = [node];
  for (const key of path) {
    nodes = nodes.flatMap((each) => (key === '*' ? each.elements() : each.fields(key)));
  }
  return nodes;
}

/** The string at a path, the last one where keys repeat; '' if there is none. */
export function textAt(node: BodyNode, path: readonly string[]): string {
  return walk(node, path).at(-1)?.text ?? '';
}
