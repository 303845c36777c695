import { ContainerEdits } from './container-edits.ts';
import { Edits } from './edits.ts';
import { quote } from './quote.ts';
import { ruleTree, type Rule, type RuleNode } from './rule.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  LETTER_N,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scanObject,
  type Scanner,
} from './scanner.ts';

/**
 * Applies its rules to one object. All other bytes are copied unchanged: numbers, the order of keys,
 * white space. Where keys are equal the rules apply to each of them, so that no reader, whichever it
 * takes, gets one that was passed over. Throws MalformedJson unless the bytes are one object in
 * strict JSON and well-formed UTF-8.
 *
 * @returns a new buffer, or `object` itself if nothing changes
 */
export type Rewriter<C> = (object: Buffer, context: C) => Buffer;

/**
 * Makes a rewriter of rules; compile once a kind, run once an object. Rules may share beginnings of
 * paths in any way. Where they meet: a member that a `set` writes is no longer the business of rules
 * at or below it; after that, `remove` comes before the rules at or below its place. An object that
 * a `set` makes is not looked into by the rules below it. Rules that find the root itself (an empty
 * path) can only set.
 */
export function compileRules<C>(rules: readonly Rule<C>[]): Rewriter<C> {
  const root = ruleTree(rules);
  return (object, context) => {
    const scanner = scanObject(object);
    const run: Run<C> = { scanner, edits: new Edits(), context };
    rewriteObject(run, root, 1);
    scanner.finish();
    return run.edits.apply(object);
  };
}

interface Run<C> {
  readonly scanner: Scanner;
  readonly edits: Edits;
  readonly context: C;
}

/** `depth` counts the containers around the value. */
function rewriteValue<C>(run: Run<C>, node: RuleNode<C>, depth: number): void {
  const byte = run.scanner.peek();
  if (byte === OPEN_BRACE) rewriteObject(run, node, depth + 1);
  else if (byte === OPEN_BRACKET && node.elements) rewriteArray(run, node.elements, depth + 1);
  else if (byte === QUOTE && node.replaces.length > 0) rewriteString(run, node);
  else {
    const { scanner, edits, context } = run;
    const start = scanner.position;
    scanner.skipValue(depth);
    const made = byte === LETTER_N ? createdObject(node, context) : undefined;
    if (made !== undefined) edits.add(start, scanner.position, made);
  }
}

function rewriteString<C>({ scanner, edits, context }: Run<C>, node: RuleNode<C>): void {
  const start = scanner.position;
  const value = scanner.readString();
  let wanted = value;
  for (const replace of node.replaces) wanted = replace(wanted, context);
  if (wanted !== value) edits.add(start, scanner.position, quote(wanted));
}

function rewriteArray<C>(run: Run<C>, node: RuleNode<C>, depth: number): void {
  const { scanner } = run;
  const container = new ContainerEdits(run.edits, scanner.position + 1);
  for (let more = scanner.enter(CLOSE_BRACKET, depth); more; more = scanner.next(CLOSE_BRACKET)) {
    rewriteEntry({ run, container, start: scanner.position }, node, depth);
  }
}

/** Calls itself no deeper than the longest path. */
function rewriteObject<C>(run: Run<C>, node: RuleNode<C>, depth: number): void {
  const { scanner } = run;
  const container = new ContainerEdits(run.edits, scanner.position + 1);
  const isNotEmpty = scanner.enter(CLOSE_BRACE, depth);
  const wanted = membersToSet(node, run.context, isNotEmpty);
  const written: string[] = [];
  const seen: RuleNode<C>[] = [];
  for (let more = isNotEmpty; more; more = scanner.next(CLOSE_BRACE)) {
    const entry: Entry<C> = { run, container, start: scanner.position };
    scanner.readKey();
    const name = wanted.size > 0 ? scanner.keyText() : '';
    const value = wanted.get(name);
    if (value === undefined) {
      const child = childHere(node, scanner);
      if (child) seen.push(child);
      rewriteEntry(entry, child, depth);
    } else {
      writeMember(entry, written.includes(name) ? undefined : value, depth);
      written.push(name);
    }
  }
  for (const name of written) wanted.delete(name);
  const isMissing = (child: RuleNode<C>): boolean =>
    !seen.includes(child) && !wanted.has(child.key.text) && !written.includes(child.key.text);
  const made = createdMembers(node.children.filter(isMissing), run.context);
  container.append([...membersText(wanted), ...made]);
}

interface Entry<C> {
  readonly run: Run<C>;
  readonly container: ContainerEdits;
  /** The place behind the comma, or the opening byte, before the entry. */
  readonly start: number;
}

/** @param node - the rules for the entry, if there are any */
function rewriteEntry<C>(entry: Entry<C>, node: RuleNode<C> | undefined, depth: number): void {
  const { run, container, start } = entry;
  const { scanner } = run;
  if (node?.removed) {
    scanner.skipValue(depth);
    container.drop(scanner.position);
  } else {
    container.keep(start);
    if (node) rewriteValue(run, node, depth);
    else scanner.skipValue(depth);
  }
  container.passed(scanner.position);
}

/** @param value - undefined for a duplicate of a member that has been written already */
function writeMember<C>(entry: Entry<C>, value: string | undefined, depth: number): void {
  const { run, container, start } = entry;
  const { scanner, edits } = run;
  if (value !== undefined) container.keep(start);
  scanner.peek();
  const valueStart = scanner.position;
  scanner.skipValue(depth);
  if (value === undefined) container.drop(scanner.position);
  else edits.add(valueStart, scanner.position, quote(value));
  container.passed(scanner.position);
}

function childHere<C>(node: RuleNode<C>, scanner: Scanner): RuleNode<C> | undefined {
  for (const child of node.children) if (scanner.keyIs(child.key)) return child;
  return undefined;
}

function membersToSet<C>(node: RuleNode<C>, context: C, isNotEmpty: boolean): Map<string, string> {
  const members = new Map<string, string>();
  for (const set of node.sets) {
    if (set.ifNotEmpty && !isNotEmpty) continue;
    for (const [name, value] of Object.entries(set.members(context))) members.set(name, value);
  }
  return members;
}

/** @returns an object of what the rules that may create want to set; undefined if that is nothing */
function createdObject<C>(node: RuleNode<C>, context: C): string | undefined {
  const members = new Map<string, string>();
  for (const set of node.sets) {
    if (!set.create) continue;
    for (const [name, value] of Object.entries(set.members(context))) members.set(name, value);
  }
  return members.size === 0 ? undefined : `{${membersText(members).join(',')}}`;
}

function createdMembers<C>(nodes: readonly RuleNode<C>[], context: C): string[] {
  return nodes.flatMap((node) => {
    const made = node.removed ? undefined : createdObject(node, context);
    return made === undefined ? [] : [`${quote(node.key.text)}:${made}`];
  });
}

const membersText = (members: ReadonlyMap<string, string>): string[] =>
  [...members].map(([name, value]) => `${quote(name)}:${quote(value)}`);
