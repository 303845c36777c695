import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules, MalformedJson, type Members, type Rule } from '../../src/bytes/index.ts';
import { canonical, isObject, readWithOracle, type Json } from './lossless-oracle.ts';
import { randomJson } from './random-json.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3000) };
const timeout = Math.max(20_000, runs.numRuns * 20);

const rename = (path: readonly string[]): Rule<string> => ({
  path,
  replace: (name, to) => `${name}@${to}`,
});
const set = (path: readonly string[], members: Members, create = true): Rule<string> => ({
  path,
  set: () => members,
  create,
});
const setIfNotEmpty = (path: readonly string[], members: Members): Rule<string> => ({
  path,
  setIfNotEmpty: () => members,
});
const remove = (path: readonly string[]): Rule<string> => ({ path, remove: true });

describe('replace', () => {
  const owners = rename(['metadata', 'ownerReferences', '*', 'name']);
  it.each([
    {
      title: 'changes a string at its path',
      rules: [rename(['metadata', 'name'])],
      from: '{"metadata":{"name":"web"}}',
      to: '{"metadata":{"name":"web@m1"}}',
    },
    {
      title: 'changes the member in every element of an array',
      rules: [owners],
      from: '{"metadata":{"ownerReferences":[{"name":"a"},{"uid":"1"},7,{"name":"b"}]}}',
      to: '{"metadata":{"ownerReferences":[{"name":"a@m1"},{"uid":"1"},7,{"name":"b@m1"}]}}',
    },
    {
      title: 'changes the strings of an array',
      rules: [rename(['names', '*'])],
      from: '{"names":["a",1,"b"]}',
      to: '{"names":["a@m1",1,"b@m1"]}',
    },
    {
      title: 'does not take a member of an object for an element',
      rules: [rename(['names', '*'])],
      from: '{"names":{"*":"a","b":"c"}}',
      to: '{"names":{"*":"a","b":"c"}}',
    },
    {
      title: 'does not take a look-alike for the place',
      rules: [rename(['metadata', 'name'])],
      from: '{"spec":{"metadata":{"name":"in"}},"name":"out","x":"{\\"metadata\\":{\\"name\\":\\"in\\"}}"}',
      to: '{"spec":{"metadata":{"name":"in"}},"name":"out","x":"{\\"metadata\\":{\\"name\\":\\"in\\"}}"}',
    },
    {
      title: 'understands escapes in keys and values',
      rules: [rename(['metadata', 'name'])],
      from: '{"metad\\u0061ta":{"n\\u0061me":"a\\nb"}}',
      to: '{"metad\\u0061ta":{"n\\u0061me":"a\\nb@m1"}}',
    },
    {
      title: 'changes each of equal keys',
      rules: [rename(['name'])],
      from: '{"name":"a","name":"b"}',
      to: '{"name":"a@m1","name":"b@m1"}',
    },
    {
      title: 'leaves other types alone',
      rules: [rename(['a']), rename(['b']), rename(['c']), rename(['d'])],
      from: '{"a":1,"b":null,"c":{"a":"x"},"d":["x"]}',
      to: '{"a":1,"b":null,"c":{"a":"x"},"d":["x"]}',
    },
    {
      title: 'runs several rules of a place in order',
      rules: [rename(['a']), { path: ['a'], replace: (value: string) => value.toUpperCase() }],
      from: '{"a":"x"}',
      to: '{"a":"X@M1"}',
    },
    {
      title: 'writes what JSON must escape as escapes',
      rules: [{ path: ['a'], replace: () => '"\n\ud800é' }],
      from: '{"a":"x"}',
      to: '{"a":"\\"\\n\\ud800é"}',
    },
  ])('$title', expectRewrite);
});

describe('set', () => {
  const labels = set(['metadata', 'labels'], { c: 'm1' });
  it.each([
    {
      title: 'adds a member behind the others',
      rules: [labels],
      from: '{"metadata":{"labels":{"a":"b"}}}',
      to: '{"metadata":{"labels":{"a":"b","c":"m1"}}}',
    },
    {
      title: 'adds a member to an empty object',
      rules: [labels],
      from: '{"metadata":{"labels":{ }}}',
      to: '{"metadata":{"labels":{"c":"m1" }}}',
    },
    {
      title: 'replaces an equal key where it stands and removes its duplicates',
      rules: [labels],
      from: '{"metadata":{"labels":{"c":"x","a":"b" , "\\u0063" : 7 ,"d":"e"}}}',
      to: '{"metadata":{"labels":{"c":"m1","a":"b" ,"d":"e"}}}',
    },
    {
      title: 'makes an object that is missing',
      rules: [labels],
      from: '{"metadata":{"name":"a"}}',
      to: '{"metadata":{"name":"a","labels":{"c":"m1"}}}',
    },
    {
      title: 'makes an object in an empty one',
      rules: [labels],
      from: '{"metadata":{}}',
      to: '{"metadata":{"labels":{"c":"m1"}}}',
    },
    {
      title: 'makes an object of null',
      rules: [labels],
      from: '{"metadata":{"labels":null}}',
      to: '{"metadata":{"labels":{"c":"m1"}}}',
    },
    {
      title: 'makes no object around it',
      rules: [labels],
      from: '{"spec":{}}',
      to: '{"spec":{}}',
    },
    {
      title: 'makes nothing without create',
      rules: [set(['a'], { c: '1' }, false), set(['b'], { c: '1' }, false)],
      from: '{"a":null}',
      to: '{"a":null}',
    },
    {
      title: 'makes nothing when it has nothing to write',
      rules: [set(['a'], {}), set(['b'], {})],
      from: '{"a":null}',
      to: '{"a":null}',
    },
    {
      title: 'leaves other types alone',
      rules: [set(['a'], { c: '1' }), set(['b'], { c: '1' }), set(['d'], { c: '1' })],
      from: '{"a":1,"b":"nil","d":[null]}',
      to: '{"a":1,"b":"nil","d":[null]}',
    },
    {
      title: 'writes into the root',
      rules: [set([], { c: '1' })],
      from: ' {"a":1} ',
      to: ' {"a":1,"c":"1"} ',
    },
    {
      title: 'may stand below the object that another rule sets members of',
      rules: [set(['metadata'], { resourceVersion: '9' }), labels, rename(['metadata', 'name'])],
      from: '{"metadata":{"name":"a","resourceVersion":"1","uid":"u"}}',
      to: '{"metadata":{"name":"a@m1","resourceVersion":"9","uid":"u","labels":{"c":"m1"}}}',
    },
    {
      title: 'lets the last of several rules win',
      rules: [set(['a'], { x: '1', y: '1' }), set(['a'], { x: '2' })],
      from: '{"a":{}}',
      to: '{"a":{"x":"2","y":"1"}}',
    },
    {
      title: 'comes before other rules of the member',
      rules: [remove(['a']), rename(['b']), set(['b'], { c: '1' }), set([], { a: '1', b: '2' })],
      from: '{"b":"x","a":"y"}',
      to: '{"b":"2","a":"1"}',
    },
    {
      title: 'writes a missing member once, even if another rule would make an object there',
      rules: [set([], { b: '2' }), set(['b'], { c: '1' })],
      from: '{}',
      to: '{"b":"2"}',
    },
    {
      title: 'writes into every element of an array',
      rules: [set(['l', '*'], { c: '1' })],
      from: '{"l":[{},null,{"c":2},3]}',
      to: '{"l":[{"c":"1"},{"c":"1"},{"c":"1"},3]}',
    },
  ])('$title', expectRewrite);
});

describe('setIfNotEmpty', () => {
  const selector = setIfNotEmpty(['spec', 'selector'], { c: 'm1' });
  it.each([
    {
      title: 'adds to an object that has members',
      rules: [selector],
      from: '{"spec":{"selector":{"a":"b"}}}',
      to: '{"spec":{"selector":{"a":"b","c":"m1"}}}',
    },
    {
      title: 'leaves an empty object alone',
      rules: [selector],
      from: '{"spec":{"selector":{}}}',
      to: '{"spec":{"selector":{}}}',
    },
    {
      title: 'leaves null alone',
      rules: [selector],
      from: '{"spec":{"selector":null}}',
      to: '{"spec":{"selector":null}}',
    },
    {
      title: 'makes nothing',
      rules: [selector],
      from: '{"spec":{}}',
      to: '{"spec":{}}',
    },
    {
      title: 'counts the members that came, not those that are left',
      rules: [selector, remove(['spec', 'selector', 'a'])],
      from: '{"spec":{"selector":{"a":"b"}}}',
      to: '{"spec":{"selector":{"c":"m1"}}}',
    },
  ])('$title', expectRewrite);
});

describe('remove', () => {
  it.each([
    { title: 'takes out the only member', rules: [remove(['a'])], from: '{"a":1}', to: '{}' },
    { title: 'takes out the first', rules: [remove(['a'])], from: '{"a":1,"b":2}', to: '{"b":2}' },
    { title: 'takes out the last', rules: [remove(['b'])], from: '{"a":1,"b":2}', to: '{"a":1}' },
    {
      title: 'takes out one in the middle',
      rules: [remove(['b'])],
      from: '{ "a":1 , "b":2 , "c":3 }',
      to: '{ "a":1 , "c":3 }',
    },
    {
      title: 'takes out several at the beginning',
      rules: [remove(['a']), remove(['b'])],
      from: '{"a":1,"b":[2],"c":3}',
      to: '{"c":3}',
    },
    {
      title: 'takes out all, and others are added',
      rules: [remove(['a']), remove(['b']), set([], { c: '1' })],
      from: '{"a":1,"b":2}',
      to: '{"c":"1"}',
    },
    {
      title: 'takes out every duplicate',
      rules: [remove(['a'])],
      from: '{"a":1,"b":2,"\\u0061":{"a":1}}',
      to: '{"b":2}',
    },
    {
      title: 'takes out what it finds in every element',
      rules: [remove(['l', '*', 'a'])],
      from: '{"l":[{"a":1},{"b":1,"a":2},3]}',
      to: '{"l":[{},{"b":1},3]}',
    },
    {
      title: 'takes out all elements',
      rules: [remove(['l', '*'])],
      from: '{"l":[1,{"a":2}]}',
      to: '{"l":[]}',
    },
    {
      title: 'comes before what would be made at its place',
      rules: [remove(['a']), set(['a'], { c: '1' })],
      from: '{"b":1}',
      to: '{"b":1}',
    },
  ])('$title', expectRewrite);
});

describe('all other bytes', () => {
  it('are copied as they are', () => {
    const from =
      '{ "n" : 12345678901234567890.10 ,\n "e":"\\u0061\\/é" , "name":"a" , "z":[ 1e5 ] } ';

    const to = compileRules([rename(['name'])])(Buffer.from(from), 'm1').toString();

    expect(to).toBe(from.replace('"a"', '"a@m1"'));
  });

  it('are the same buffer when nothing changes', () => {
    const object = Buffer.from('{"name":"a"}');

    expect(compileRules([{ path: ['name'], replace: (name) => name }])(object, 'm1')).toBe(object);
  });

  it.each(['', '{', '[]', '{"name":"a"}}', '{"x":01}', '{"name":"a","x":tru}', '{"x":"\ud800'])(
    'are checked: %j is refused',
    (text) => {
      const rewrite = compileRules([rename(['name'])]);

      expect(() => rewrite(Buffer.from(text), 'm1')).toThrow(MalformedJson);
    },
  );
});

const key = fc.constantFrom(
  'metadata',
  'name',
  'labels',
  'spec',
  'selector',
  'a',
  'b',
  '*',
  'ownerReferences',
);
const path = fc.oneof(
  fc.array(key, { maxLength: 4 }),
  fc.constantFrom(
    ['metadata', 'name'],
    ['metadata', 'labels'],
    ['metadata', 'ownerReferences', '*', 'name'],
    ['metadata'],
    ['spec', 'selector'],
  ),
);
const members = fc.dictionary(
  fc.constantFrom('a', 'b', 'name', 'labels', 'né"w'),
  fc.constantFrom('', 'v', '"é\n'),
  {
    maxKeys: 3,
  },
);
const randomRule: fc.Arbitrary<Rule<string>> = fc.oneof(
  path.map(rename),
  fc.tuple(path, members, fc.boolean()).map(([at, values, create]) => set(at, values, create)),
  fc.tuple(path, members).map(([at, values]) => setIfNotEmpty(at, values)),
  path.map(remove),
);

describe('any rules on any object', () => {
  it('give the tree that the same rules give on the parsed tree', { timeout }, () => {
    const property = fc.property(
      randomJson,
      fc.array(randomRule, { maxLength: 6 }),
      (text, rules) => {
        const tree = readWithOracle(Buffer.from(text))?.tree;
        fc.pre(isObject(tree));

        const rewritten = compileRules(rules)(Buffer.from(text), 'm1');

        const got = readWithOracle(rewritten);
        expect(got && canonical(got.tree)).toBe(canonical(applyTo(tree, rules, 'm1')));
      },
    );

    fc.assert(property, runs);
  });
});

function expectRewrite({ rules, from, to }: { rules: Rule<string>[]; from: string; to: string }) {
  expect(compileRules(rules)(Buffer.from(from), 'm1').toString()).toBe(to);
}

/** The contract of compileRules, told once more for parsed trees. */
function applyTo(value: Json, rules: readonly Rule<string>[], context: string): Json {
  if (Array.isArray(value)) {
    const inner = below(rules, '*');
    if (inner.some(removesHere)) return [];
    return value.map((element) => applyTo(element, inner, context));
  }
  if (isObject(value)) return applyToObject(value, rules, context);
  const here = rules.filter((rule) => rule.path.length === 0);
  if (value === null) return made(here, context) ?? null;
  if (typeof value !== 'string') return value;
  const decoded = value.toWellFormed();
  const replaced = here.reduce(
    (text, rule) => ('replace' in rule ? rule.replace(text, context) : text),
    decoded,
  );
  return replaced === decoded ? value : replaced;
}

function applyToObject(
  value: Record<string, Json>,
  rules: readonly Rule<string>[],
  context: string,
) {
  const isNotEmpty = Object.keys(value).length > 0;
  const written: Record<string, Json> = {};
  for (const rule of rules) {
    if (rule.path.length > 0) continue;
    if ('set' in rule) Object.assign(written, rule.set(context));
    if ('setIfNotEmpty' in rule && isNotEmpty) Object.assign(written, rule.setIfNotEmpty(context));
  }
  const result = new Map(Object.entries(value));
  for (const name of [...result.keys(), ...rules.flatMap((rule) => rule.path.slice(0, 1))]) {
    if (Object.hasOwn(written, name)) continue;
    const inner = name === '*' ? [] : below(rules, name);
    const existing = Object.hasOwn(value, name) ? value[name]! : undefined;
    const after = existing === undefined ? made(inner, context) : applyTo(existing, inner, context);
    if (inner.some(removesHere) || after === undefined) result.delete(name);
    else result.set(name, after);
  }
  for (const [name, text] of Object.entries(written)) result.set(name, text);
  return Object.fromEntries(result);
}

const below = (rules: readonly Rule<string>[], key: string): Rule<string>[] =>
  rules
    .filter(({ path: [first] }) => first === key)
    .map((rule) => ({ ...rule, path: rule.path.slice(1) }));

const removesHere = (rule: Rule<string>): boolean => 'remove' in rule && rule.path.length === 0;

function made(rules: readonly Rule<string>[], context: string): Json | undefined {
  const result: Record<string, string> = {};
  for (const rule of rules) {
    if (rule.path.length === 0 && 'set' in rule && rule.create)
      Object.assign(result, rule.set(context));
  }
  return Object.keys(result).length === 0 ? undefined : result;
}
