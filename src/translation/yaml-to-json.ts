import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, Scalar } from 'yaml';
import type { Alias, Node, YAMLMap, YAMLSeq } from 'yaml';
import { quoteText } from './json-text.ts';
import { resolvePlain } from './yaml-scalar.ts';

/** No object nests so deep; the library that reads YAML needs a call stack for it. */
const MAX_DEPTH = 500;
/** What aliases may add to a document, in characters: more than any body that is let in. */
const MAX_EXPANSION = 8 * 1024 * 1024;
const TEXT_TAGS = new Set(['!', '!!str', 'tag:yaml.org,2002:str']);
const MERGE_KEY = '<<';
const OPTIONS = {
  /** Scalars stay text, from which they are resolved here. */
  schema: 'failsafe',
  uniqueKeys: false,
  /** Off, since the pretty form of many errors takes time that grows with the square of them. */
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** A value read: JSON text, or a container whose parts an alias may stand for once more. */
type Value = string | Value[] | Map<string, Value>;

/**
 * Writes a YAML document as JSON, as Go's reader understands it: YAML 1.1 words and numbers, merge
 * keys, aliases spelled out; of equal keys the last wins.
 * @throws SyntaxError unless the text is one document whose keys are scalars, nested at most 500
 * deep, that its aliases don't blow up
 */
export function yamlToJson(text: string): string {
  const documents = parse(text);
  if (documents.length > 1) throw new SyntaxError('yaml: more than one document');
  const [document] = documents;
  const problem = document?.errors[0];
  if (problem) throw new SyntaxError(`yaml: ${problem.message} at offset ${problem.pos[0]}`);
  const value = new Reader().read(document?.contents ?? null, 0);
  return write(value, { left: text.length * 8 + MAX_EXPANSION });
}

function parse(text: string): ReturnType<typeof parseAllDocuments> {
  try {
    return parseAllDocuments(text, OPTIONS);
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxError('yaml: nested too deep');
    throw error;
  }
}

class Reader {
  /** Undefined while the anchor's own value is being read. */
  readonly #anchors = new Map<string, Value | undefined>();

  read(node: Node | null, depth: number): Value {
    if (depth > MAX_DEPTH) throw new SyntaxError('yaml: nested too deep');
    if (node === null) return 'null';
    if (isAlias(node)) return this.#resolve(node);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const value = this.#readContent(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, value);
    return value;
  }

  #readContent(node: Node, depth: number): Value {
    if (isScalar(node)) return readScalar(node);
    if (isSeq(node)) return this.#readSequence(node, depth);
    if (isMap(node)) return this.#readMap(node, depth);
    throw new SyntaxError('yaml: unknown node');
  }

  #resolve({ source }: Alias): Value {
    if (!this.#anchors.has(source)) throw new SyntaxError(`yaml: unknown anchor '${source}'`);
    const value = this.#anchors.get(source);
    if (value === undefined) {
      throw new SyntaxError(`yaml: anchor '${source}' value contains itself`);
    }
    return value;
  }

  #readSequence(node: YAMLSeq, depth: number): Value[] {
    return node.items.map((item) => this.read(item as Node | null, depth + 1));
  }

  #readMap(node: YAMLMap, depth: number): Map<string, Value> {
    const fields = new Map<string, Value>();
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      if (isMergeKey(key)) this.#merge(fields, pair.value as Node | null, depth);
      else fields.set(this.#readKey(key), this.read(pair.value as Node | null, depth + 1));
    }
    return fields;
  }

  #readKey(node: Node | null): string {
    const value = this.read(node, 0);
    if (typeof value !== 'string' || value === 'null') {
      throw new SyntaxError('yaml: unsupported map key');
    }
    return value.startsWith('"') ? (JSON.parse(value) as string) : value;
  }

  /** As in Go's reader: of several maps the first wins, and what is merged in wins over what stands before it. */
  #merge(into: Map<string, Value>, node: Node | null, depth: number): void {
    const value = this.read(node, depth + 1);
    for (const source of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!(source instanceof Map)) {
        throw new SyntaxError('yaml: map merge requires map or sequence of maps as the value');
      }
      for (const [key, each] of source) into.set(key, each);
    }
  }
}

function isMergeKey(node: Node | null): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN && node.value === MERGE_KEY;
}

function readScalar(node: Scalar): string {
  const text = typeof node.value === 'string' ? node.value : '';
  const { tag } = node;
  if (tag !== undefined && !TEXT_TAGS.has(tag)) return readTagged(text, tag);
  const isText = tag !== undefined || (node.type !== undefined && node.type !== Scalar.PLAIN);
  return (isText ? undefined : resolvePlain(text)) ?? quoteText(text);
}

function readTagged(text: string, tag: string): string {
  const literal = /^(?:!!|tag:yaml\.org,2002:)(?:int|float|bool|null)$/.test(tag)
    ? resolvePlain(text)
    : undefined;
  if (literal === undefined) throw new SyntaxError(`yaml: cannot decode \`${text}\` as a ${tag}`);
  return literal;
}

/** Aliases can nest what was read deeper than what was written, and make more of it. */
interface Budget {
  /** Characters that may still be written. */
  left: number;
}

function write(value: Value, budget: Budget, depth = 0): string {
  if (depth > MAX_DEPTH) throw new SyntaxError('yaml: nested too deep');
  const text = writeContent(value, budget, depth);
  budget.left -= typeof value === 'string' ? value.length + 1 : 2;
  if (budget.left < 0) throw new SyntaxError('yaml: document contains excessive aliasing');
  return text;
}

function writeContent(value: Value, budget: Budget, depth: number): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return `[${value.map((each) => write(each, budget, depth + 1)).join(',')}]`;
  }
  const fields = [...value].map(([key, each]) => {
    budget.left -= key.length;
    return `${quoteText(key)}:${write(each, budget, depth + 1)}`;
  });
  return `{${fields.join(',')}}`;
}
