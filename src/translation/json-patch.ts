import {
  badRequest,
  CACHED_FROM_ANNOTATION,
  CLUSTER_LABEL,
  MEMBER_VERSION_ANNOTATION,
  StatusError,
} from '../kube/index.ts';
import { textAt } from './body-node.ts';
import { Cleaning, type CleaningOptions } from './cleaning.ts';
import { cleanObject } from './clean-object.ts';
import { JsonNode } from './json-node.ts';
import { quoteText, valueEnd } from './json-text.ts';
import type { TranslationTarget } from './translation-target.ts';

/** One operation of a JSON patch; `value` and `from` only where it has them. */
interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: JsonNode | undefined;
  readonly node: JsonNode;
}

/** No tag lies deeper. */
const DEEPEST = 16;
/** What every served object has, but not every object of a member. */
const ALWAYS_SERVED = ['labels', 'annotations'];

/**
 * Translates a JSON patch (RFC 6902) operation by operation: those on tags alone are dropped, values
 * are cleaned as the part of the object that they become. A patch that only adds labels and
 * annotations becomes a merge patch: its client saw maps that the member's object may not have.
 * @returns the patch for the member; undefined when it is the same
 * @throws BadRequest, Invalid or Conflict as cleanObject; Invalid for a `test` of a tag that fails
 */
export function translateJsonPatch(
  patch: JsonNode,
  target: TranslationTarget,
): { body: Buffer; contentType: string } | undefined {
  if (!patch.isArray) throw badRequest('error decoding patch: the patch is not an array');
  const before = patch.elements().map((node) => node.toText());
  const after = patch.elements().flatMap((node) => translateOperation(node, target));
  const merge = mergePatchOf(after);
  if (merge !== undefined) {
    return { body: Buffer.from(merge), contentType: 'application/merge-patch+json' };
  }
  const isSame = after.length === before.length && after.every((text, i) => text === before[i]);
  if (isSame) return undefined;
  return { body: Buffer.from(`[${after.join(',')}]`), contentType: 'application/json-patch+json' };
}

/** @returns undefined unless every operation sets one label or annotation */
function mergePatchOf(operations: readonly string[]): string | undefined {
  const maps = new Map<string, Map<string, string>>();
  for (const text of operations) {
    const { op, path, value } = readOperation(new JsonNode(text, 0, text.length));
    const [, map = '', key = ''] = path;
    const isEntry = path.length === 3 && isAlwaysServed(path.slice(0, 2));
    if (op !== 'add' || !isEntry || value?.text === undefined) return undefined;
    maps.set(map, (maps.get(map) ?? new Map<string, string>()).set(key, value.toText()));
  }
  if (maps.size === 0) return undefined;
  const parts = [...maps].map(([map, entries]) => {
    const fields = [...entries].map(([key, text]) => `${quoteText(key)}:${text}`);
    return `${quoteText(map)}:{${fields.join(',')}}`;
  });
  return `{"metadata":{${parts.join(',')}}}`;
}

/** @returns the operation for the member; none when it is about a tag alone */
function translateOperation(node: JsonNode, target: TranslationTarget): string[] {
  const operation = readOperation(node);
  switch (operation.op) {
    case 'add':
    case 'replace':
      return translateValue(operation, target);
    case 'remove':
      return translateRemove(operation, target);
    case 'test':
      return translateTest(operation, target);
    case 'move':
    case 'copy':
      if (!isTag(operation.path, target) && !isTag(operation.from, target)) return [node.toText()];
      throw badRequest(`a JSON patch can't ${operation.op} what a view adds to an object`);
    default:
      return [node.toText()];
  }
}

function readOperation(node: JsonNode): Operation {
  return {
    op: textAt(node, ['op']),
    path: readPointer(textAt(node, ['path'])),
    from: readPointer(textAt(node, ['from'])),
    value: node.fields('value').at(-1),
    node,
  };
}

/** Go's reader ignores what stands before the first slash: such a pointer would be read differently. */
function readPointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw badRequest(`error decoding patch: bad path "${pointer}"`);
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function translateValue(operation: Operation, target: TranslationTarget): string[] {
  const { value, path, node } = operation;
  if (!value) return [node.toText()];
  const cleaned = cleanAt(path, value.toText(), new Cleaning(target, { keepsEmptied: true }));
  if (!cleaned) return [];
  const op = isAlwaysServed(path) ? 'add' : operation.op;
  if (!cleaned.isChanged && op === operation.op) return [node.toText()];
  return [write(op, path, cleaned.toText())];
}

function translateRemove({ path, node }: Operation, target: TranslationTarget): string[] {
  if (isAlwaysServed(path)) return [write('add', path, '{}')];
  return isTag(path, target) ? [] : [node.toText()];
}

function translateTest({ path, value, node }: Operation, target: TranslationTarget): string[] {
  if (!value) return [node.toText()];
  if (isTag(path, target)) return testTag(path.at(-1) ?? '', value, target);
  const cleaned = refusingAsFailed(() => cleanAt(path, value.toText(), new Cleaning(target)));
  if (!cleaned) return [write('test', path, 'null')];
  return [cleaned.isChanged ? write('test', path, cleaned.toText()) : node.toText()];
}

function testTag(key: string, value: JsonNode, target: TranslationTarget): string[] {
  if (key === MEMBER_VERSION_ANNOTATION && value.text !== undefined) {
    return [write('test', ['metadata', 'resourceVersion'], quoteText(value.text))];
  }
  const isOfCluster = key === CLUSTER_LABEL || key === CACHED_FROM_ANNOTATION;
  if (isOfCluster && value.text === target.cluster) return [];
  throw failedTest();
}

function refusingAsFailed<T>(clean: () => T): T {
  try {
    return clean();
  } catch (error) {
    if (error instanceof StatusError && error.reason !== 'Conflict') throw failedTest();
    throw error;
  }
}

/** 422, as kube-apiserver words it. */
function failedTest(): StatusError {
  return new StatusError(
    'Invalid',
    'the server rejected our request due to an error in our request',
    { details: {} },
  );
}

/**
 * `replace` and `remove` need something to be there. A client may rely on a map that the view made;
 * `add` does the same without needing it.
 */
function isAlwaysServed(path: readonly string[]): boolean {
  return path.length === 2 && path[0] === 'metadata' && ALWAYS_SERVED.includes(path[1] ?? '');
}

/** Whether a path leads to something that a view adds. */
function isTag(path: readonly string[], target: TranslationTarget): boolean {
  if (path.length === 0) return false;
  const options: CleaningOptions = { keepsEmptied: true, isQuoted: true };
  return cleanAt(path, '""', new Cleaning(target, options)) === undefined;
}

/** Cleans a value as the part of an object that a path leads to. @returns undefined if nothing is left of it */
function cleanAt(
  path: readonly string[],
  valueText: string,
  cleaning: Cleaning,
): JsonNode | undefined {
  const isDeep = path.length > DEEPEST;
  const text = isDeep ? valueText : path.reduceRight(wrap, valueText);
  const root = new JsonNode(text, 0, valueEnd(text, 0));
  if (isDeep) return root;
  cleanObject(root, cleaning);
  return path.reduce<JsonNode | undefined>(
    (node, token) => (isIndex(token) ? node?.elements()[0] : node?.fields(token)[0]),
    root,
  );
}

function wrap(valueText: string, token: string): string {
  return isIndex(token) ? `[${valueText}]` : `{${quoteText(token)}:${valueText}}`;
}

/** As Go reads an index; `-` is the end of the array. */
function isIndex(token: string): boolean {
  return /^(?:[-+]?\d+|-)$/.test(token);
}

function write(op: string, path: readonly string[], valueText: string): string {
  const pointer = path
    .map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
  return `{"op":${quoteText(op)},"path":${quoteText(pointer)},"value":${valueText}}`;
}
