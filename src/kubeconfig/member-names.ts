import { createHash } from 'node:crypto';

/** Longest member name; together with `@` and an object's name it must stay typeable. */
export const MAX_NAME_LENGTH = 48;
const HASH_DIGITS = 6;
const VALID_NAME = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;

/** A kubeconfig context and the member that it becomes. */
export interface NamedContext {
  readonly name: string;
  readonly context: string;
}

export interface MemberNames {
  /** In the order of the contexts, or of the explicit choice if there is one. */
  readonly named: readonly NamedContext[];
  /** Every fault of the explicit choice, each a sentence. */
  readonly faults: readonly string[];
}

/**
 * Names the members that kubeconfig contexts become: lower-case, every run of other characters than
 * `a-z0-9-` becomes `-`, trimmed, at most 48 characters; a longer one, and one taken already, ends in
 * `-` and six hash digits of the context's name. Equal input, equal names.
 *
 * @param contexts - all contexts, in the kubeconfig's order
 * @param explicit - those to take, each `context` or `name=context`; all if undefined
 */
export function memberNames(
  contexts: readonly string[],
  explicit?: readonly string[],
): MemberNames {
  const faults: string[] = [];
  const choices = explicit
    ? explicit.flatMap((text) => readChoice(text, contexts, faults))
    : contexts.map((context) => ({ context, name: undefined }));
  const taken = new Set<string>();
  const seen = new Set<string>();
  for (const { context, name } of choices) {
    if (seen.has(context)) faults.push(`context "${context}" is chosen twice`);
    seen.add(context);
    if (name === undefined) continue;
    if (taken.has(name)) faults.push(`member name "${name}" is given twice`);
    taken.add(name);
  }
  const named = choices.map(({ context, name }) => ({
    context,
    name: name ?? free(context, taken),
  }));
  return { named, faults };
}

interface Choice {
  readonly context: string;
  readonly name: string | undefined;
}

/** A context's own name may hold `=`: a literal match comes first. */
function readChoice(text: string, contexts: readonly string[], faults: string[]): Choice[] {
  if (contexts.includes(text)) return [{ context: text, name: undefined }];
  const at = text.indexOf('=');
  const context = text.slice(at + 1);
  if (!contexts.includes(context)) {
    const known = contexts.length === 0 ? 'there are none' : `there are ${contexts.join(', ')}`;
    faults.push(`no context "${context}" in the kubeconfig; ${known}`);
    return [];
  }
  const name = text.slice(0, at);
  if (VALID_NAME.test(name)) return [{ context, name }];
  faults.push(
    `"${name}" can't name a member: use lower-case letters, digits and "-", at most ${MAX_NAME_LENGTH}`,
  );
  return [];
}

function free(context: string, taken: Set<string>): string {
  const plain = trim(context.toLowerCase().replace(/[^a-z0-9-]+/g, '-'));
  let name = plain;
  for (let round = 0; name === '' || name.length > MAX_NAME_LENGTH || taken.has(name); round += 1) {
    name = hashed(plain, round === 0 ? context : `${context}\0${round}`);
  }
  taken.add(name);
  return name;
}

function hashed(plain: string, seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex').slice(0, HASH_DIGITS);
  const stem = trim(plain.slice(0, MAX_NAME_LENGTH - HASH_DIGITS - 1));
  return `${stem === '' ? 'cluster' : stem}-${digits}`;
}

function trim(text: string): string {
  return text.replace(/^-+|-+$/g, '');
}
