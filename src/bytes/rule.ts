import { keyOf, type Key } from './scanner.ts';

/** Members to write into an object: name → string value. */
export type Members = Readonly<Record<string, string>>;

/** Keys from the root down; `*` stands for every element of an array, never for a member of an object. */
type Path = readonly string[];

/**
 * What to do at a place of an object. `C` is what the caller knows of the object, such as its cluster.
 * A place that the object does not have, or that holds another type, is left alone.
 */
export type Rule<C> =
  /** A string there becomes the answer; the same answer leaves its bytes. Several rules run in order. */
  | { path: Path; replace: (value: string, context: C) => string }
  /**
   * The object there gets these members: an equal key is replaced where it stands and its duplicates
   * removed, new ones come last. With `create`, one that is missing or null is made if the object
   * around it exists in the input and there is a member to write. Of several rules for one member
   * the last wins.
   */
  | { path: Path; set: (context: C) => Members; create: boolean }
  /** As `set`, but only if the object there has a member already; nothing is made. */
  | { path: Path; setIfNotEmpty: (context: C) => Members }
  /** The member, or the array's element, is taken out with all duplicates, whatever its type. */
  | { path: Path; remove: true };

/** The rules of one place and of those below it. */
export interface RuleNode<C> {
  readonly key: Key;
  readonly children: RuleNode<C>[];
  elements: RuleNode<C> | undefined;
  readonly replaces: ((value: string, context: C) => string)[];
  readonly sets: { members: (context: C) => Members; create: boolean; ifNotEmpty: boolean }[];
  removed: boolean;
}

/** Joins the rules to a tree, so that one pass over an object applies them all. */
export function ruleTree<C>(rules: readonly Rule<C>[]): RuleNode<C> {
  const root = newNode<C>('');
  for (const rule of rules) {
    const node = rule.path.reduce(childOf, root);
    if ('replace' in rule) node.replaces.push(rule.replace);
    else if ('set' in rule) {
      node.sets.push({ members: rule.set, create: rule.create, ifNotEmpty: false });
    } else if ('setIfNotEmpty' in rule) {
      node.sets.push({ members: rule.setIfNotEmpty, create: false, ifNotEmpty: true });
    } else node.removed = true;
  }
  return root;
}

function childOf<C>(node: RuleNode<C>, text: string): RuleNode<C> {
  if (text === '*') return (node.elements ??= newNode<C>(text));
  const known = node.children.find(({ key }) => key.text === text);
  if (known) return known;
  const child = newNode<C>(text);
  node.children.push(child);
  return child;
}

const newNode = <C>(text: string): RuleNode<C> => ({
  key: keyOf(text),
  children: [],
  elements: undefined,
  replaces: [],
  sets: [],
  removed: false,
});
