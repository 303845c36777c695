import fc from 'fast-check';

/** A JSON value with what parsers forget: the order and the duplicates of keys, numbers as written. */
export type Tree =
  { literal: string } | { text: string } | { elements: Tree[] } | { members: [string, Tree][] };

const literals = [
  ...['0', '-0', '7', '-12', '1.50', '1e5', '2E-7', '-0.0e+00'],
  ...['12345678901234567890', '9007199254740993', '1e400', 'true', 'false', 'null', 'null'],
];
const keys = [
  ...['apiVersion', 'kind', 'metadata', 'items', 'type', 'object', 'spec', 'selector', 'name'],
  ...['namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'labels', 'annotations'],
  ...['ownerReferences', 'continue', 'remainingItemCount', 'a', 'b', '', '*', '__proto__', 'né"w'],
];
const metadataKeys = ['name', 'labels', 'uid', 'resourceVersion', 'ownerReferences', 'annotations'];

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'web',
    '{"metadata":{"name":"not-me"}}',
    '\\',
    '"',
    '\u2028',
    '😀',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const scalar = fc.oneof(
  fc.constantFrom(...literals).map((literal): Tree => ({ literal })),
  text.map((value): Tree => ({ text: value })),
);
const key = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...keys) },
  { weight: 1, arbitrary: text },
);

const objectOf = (name: fc.Arbitrary<string>, value: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> =>
  fc.array(fc.tuple(name, value), { maxLength: 7 }).map((members) => ({ members }));

const { value: anything } = fc.letrec<{ value: Tree }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: objectOf(key, tie('value')) },
    {
      weight: 1,
      arbitrary: fc.array(tie('value'), { maxLength: 4 }).map((elements) => ({ elements })),
    },
  ),
}));

const metadata = objectOf(fc.constantFrom(...metadataKeys, ...keys), anything);
const likeAnObject = fc
  .tuple(objectOf(key, anything), fc.array(fc.tuple(fc.constantFrom('metadata', 'spec'), metadata)))
  .chain(([tree, more]) =>
    fc.shuffledSubarray([...('members' in tree ? tree.members : []), ...more], { minLength: 0 }),
  )
  .map((members): Tree => ({ members }));
const likeAList = fc
  .tuple(fc.array(likeAnObject, { maxLength: 3 }), objectOf(key, anything), metadata)
  .map(([elements, tree, listMetadata]): Tree => ({
    members: [
      ['kind', { text: 'PodList' }],
      ['metadata', listMetadata],
      ['items', { elements }],
      ...('members' in tree ? tree.members : []),
    ],
  }));
const likeAFrame = fc.tuple(likeAnObject, objectOf(key, anything)).map(([object, tree]): Tree => ({
  members: [
    ['type', { text: 'ADDED' }],
    ['object', object],
    ...('members' in tree ? tree.members : []),
  ],
}));

/** The text of an object, a list, a watch frame or anything, spaced and escaped at random. */
export const randomJson: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: likeAnObject }, likeAList, likeAFrame, anything),
    fc.integer(),
    fc.boolean(),
  )
  .map(([tree, seed, compact]) => new Rendering(seed, compact).value(tree));

class Rendering {
  #state: number;
  readonly #compact: boolean;

  constructor(seed: number, compact: boolean) {
    this.#state = seed | 1;
    this.#compact = compact;
  }

  value(tree: Tree): string {
    return `${this.#space()}${this.#bare(tree)}${this.#space()}`;
  }

  #bare(tree: Tree): string {
    if ('literal' in tree) return tree.literal;
    if ('text' in tree) return this.#string(tree.text);
    if ('elements' in tree) {
      const elements = tree.elements.map((element) => this.value(element));
      return elements.length === 0 ? `[${this.#space()}]` : `[${elements.join()}]`;
    }
    const members = tree.members.map(
      ([name, value]) =>
        `${this.#space()}${this.#string(name)}${this.#space()}:${this.value(value)}`,
    );
    return members.length === 0 ? `{${this.#space()}}` : `{${members.join()}}`;
  }

  #string(value: string): string {
    const plain = JSON.stringify(value);
    if (this.#compact || this.#below(3) > 0) return plain;
    const characters = Array.from({ length: value.length }, (_, i) =>
      this.#below(3) === 0 || /["\\\p{Cc}\p{Cs}]/u.test(value.charAt(i))
        ? `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`
        : value.charAt(i).replace('/', '\\/'),
    );
    return `"${characters.join('')}"`;
  }

  #space(): string {
    if (this.#compact || this.#below(4) > 0) return '';
    return [' ', '\n', '\t', '\r\n  '][this.#below(4)]!;
  }

  /** A small xorshift: the whole text follows from the seed, so that a failure can be repeated. */
  #below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}
