import { setImmediate } from 'node:timers/promises';
import { stringify } from 'yaml';
import { readPaths, sliceAt, splitList } from '../bytes/index.ts';
import { acceptClauses } from '../kube/index.ts';
import type { Answer, ResourceAsk } from './view-request.ts';

/** Items after which others may run: YAML is written slowly. */
const ITEMS_AT_ONCE = 50;
const READABLE = new Set(['application/json', 'application/yaml', 'application/*', '*/*']);

/** An answer in YAML, where the client would rather have that than JSON. */
export function asAccepted(answer: Answer, { headers }: ResourceAsk): Answer {
  if (answer.isStream || answer.contentType !== 'application/json') return answer;
  const chosen = acceptClauses(headers.accept ?? '').find(({ type }) => READABLE.has(type));
  if (chosen?.type !== 'application/yaml') return answer;
  return { ...answer, contentType: 'application/yaml', body: toYaml(answer.body) };
}

async function* toYaml(body: Answer['body']): AsyncGenerator<Buffer, void> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  const json = Buffer.concat(parts);
  if (sliceAt(json, ['items']) === undefined) yield Buffer.from(yamlText(json));
  else yield* listToYaml(json);
}

const TYPE: readonly (readonly string[])[] = [['apiVersion'], ['kind']];

/** A list item by item, so that a long one holds up nobody. */
async function* listToYaml(json: Buffer): AsyncGenerator<Buffer, void> {
  const { items } = splitList(json);
  const [apiVersion, kind] = readPaths(json, TYPE);
  const metadata = sliceAt(json, ['metadata']) ?? Buffer.from('{}');
  yield Buffer.from(`apiVersion: ${apiVersion ?? ''}\nitems:${items.length === 0 ? ' []' : ''}\n`);
  for (const [index, item] of items.entries()) {
    if (index % ITEMS_AT_ONCE === 0) await setImmediate();
    yield Buffer.from(`- ${indented(yamlText(item))}\n`);
  }
  yield Buffer.from(`kind: ${kind ?? ''}\nmetadata:\n  ${indented(yamlText(metadata))}\n`);
}

/** Keys sorted, and words quoted that YAML 1.1 takes for booleans or numbers: as kube-apiserver writes it. */
function yamlText(json: Buffer): string {
  const value: unknown = JSON.parse(json.toString('utf8'), exactly);
  return stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

/** JSON.parse rounds large integers; their text is at hand. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Puts text below the place where its first line stands. */
function indented(text: string): string {
  return text.replace(/\n$/, '').replace(/\n(?!\n|$)/g, '\n  ');
}
