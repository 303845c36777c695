import type { BodyNode, EncodableNode } from './body-node.ts';
import { checkJson, quoteText, skipSpace, stringEnd, valueEnd } from './json-text.ts';

interface Member {
  /** '' in an array. */
  readonly key: string;
  /** The key as it was written, with its quotes and its colon; '' in an array. */
  readonly keyText: string;
  readonly node: JsonNode;
}

/**
 * A value in JSON text. What was not edited is copied as it was written: numbers of any size, the
 * order of keys, repeated keys, escapes.
 */
export class JsonNode implements EncodableNode {
  readonly #source: string;
  readonly #start: number;
  readonly #end: number;
  #members: Member[] | undefined;
  #replacement: string | undefined;
  #isCut = false;

  /** A value inside text that has passed `checkJson`; `parseJson` makes the outermost one. */
  constructor(source: string, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  get isObject(): boolean {
    return this.#source[this.#start] === '{';
  }

  get isArray(): boolean {
    return this.#source[this.#start] === '[';
  }

  get isNull(): boolean {
    return this.#source[this.#start] === 'n';
  }

  get isEmpty(): boolean {
    return (this.isObject || this.isArray) && this.#open().length === 0;
  }

  get isChanged(): boolean {
    if (this.#isCut || this.#replacement !== undefined) return true;
    return this.#members?.some(({ node }) => node.isChanged) ?? false;
  }

  get text(): string | undefined {
    if (this.#source[this.#start] !== '"') return undefined;
    return this.#replacement ?? readString(this.#source, this.#start, this.#end);
  }

  fields(key: string): readonly JsonNode[] {
    if (!this.isObject) return [];
    return this.#open()
      .filter((member) => member.key === key)
      .map(({ node }) => node);
  }

  elements(): readonly JsonNode[] {
    return this.isArray ? this.#open().map(({ node }) => node) : [];
  }

  replaceText(text: string): void {
    this.#replacement = text;
  }

  removeField(key: string): void {
    if (this.isObject) this.#keep((member) => member.key !== key);
  }

  removeElements(matches: (element: BodyNode) => boolean): void {
    if (this.isArray) this.#keep(({ node }) => !matches(node));
  }

  toBytes(): Buffer {
    return Buffer.from(this.toText());
  }

  toText(): string {
    if (this.#replacement !== undefined) return quoteText(this.#replacement);
    if (!this.isChanged) return this.#source.slice(this.#start, this.#end);
    const parts = this.#open().map(({ keyText, node }) => keyText + node.toText());
    return this.isObject ? `{${parts.join(',')}}` : `[${parts.join(',')}]`;
  }

  #keep(wanted: (member: Member) => boolean): void {
    const members = this.#open();
    const kept = members.filter(wanted);
    if (kept.length === members.length) return;
    this.#members = kept;
    this.#isCut = true;
  }

  #open(): Member[] {
    this.#members ??= this.isObject || this.isArray ? this.#readMembers() : [];
    return this.#members;
  }

  #readMembers(): Member[] {
    const source = this.#source;
    const last = this.#end - 1;
    const members: Member[] = [];
    let at = skipSpace(source, this.#start + 1);
    while (at < last) {
      const start = this.isObject ? valueStart(source, at) : at;
      const end = valueEnd(source, start);
      members.push({
        key: this.isObject ? readString(source, at, stringEnd(source, at)) : '',
        keyText: source.slice(at, start),
        node: new JsonNode(source, start, end),
      });
      at = skipSpace(source, end);
      if (source[at] === ',') at = skipSpace(source, at + 1);
    }
    return members;
  }
}

/** @throws SyntaxError unless the text is one value in strict JSON, nested at most 10,000 deep */
export function parseJson(text: string): JsonNode {
  checkJson(text);
  const start = skipSpace(text, 0);
  return new JsonNode(text, start, valueEnd(text, start));
}

/** From a key to its value: past the key, the colon and what space there is. */
function valueStart(source: string, keyStart: number): number {
  const colon = skipSpace(source, stringEnd(source, keyStart));
  return skipSpace(source, colon + 1);
}

function readString(source: string, start: number, end: number): string {
  return JSON.parse(source.slice(start, end)) as string;
}
