import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findByPath } from '../../src/printers/find-by-path.ts';
import { parseJsonPath } from '../../src/printers/json-path.ts';

const DOCUMENT = {
  a: { b: 1, 'c.d': 'dotted', e: null },
  list: [10, 20, 30, 40],
  items: [
    { name: 'x', weight: 1, on: true },
    { name: 'y', weight: 2, on: false },
    { name: 'z', ratio: 1.5 },
  ],
  deep: { deep: { leaf: 'found' } },
};

function find(path: string): unknown[] | undefined {
  const parsed = parseJsonPath(path);
  if (!parsed) throw new Error(`${path} is not a path`);
  return findByPath(DOCUMENT, parsed);
}

describe('a path', () => {
  it.each([
    { path: '.a.b', want: [1] },
    { path: '$.a.b', want: [1] },
    { path: '@.a.b', want: [1] },
    { path: ".a['b']", want: [1] },
    { path: ".a['c\\.d']", want: ['dotted'] },
    { path: '.a.c\\.d', want: ['dotted'] },
    { path: ".a['c.d']", want: [] },
    { path: '.a.e', want: [null] },
    { path: '.a.e.f', want: [] },
    { path: '.a.none', want: [] },
    { path: '.a.*', want: [1, 'dotted', null] },
    { path: '.list[0]', want: [10] },
    { path: '.list[-1]', want: [40] },
    { path: '.list[]', want: [10] },
    { path: '.list[1:3]', want: [20, 30] },
    { path: '.list[::2]', want: [10, 30] },
    { path: '.list[-2:]', want: [30, 40] },
    { path: '.list[:-1]', want: [10, 20, 30] },
    { path: '.list[2:2]', want: [] },
    { path: '.list[*]', want: [10, 20, 30, 40] },
    { path: '.list[0,-1]', want: [10, 40] },
    { path: '.list[0, 2]', want: [10, 30] },
    { path: '.items[*].name', want: ['x', 'y', 'z'] },
    { path: '.items[?(@.name=="y")].weight', want: [2] },
    { path: ".items[?(@.name=='y')].weight", want: [2] },
    { path: '.items[?(@.name!="y")].name', want: ['x', 'z'] },
    { path: '.items[?(@.weight>=2)].name', want: ['y'] },
    { path: '.items[?(@.weight<2)].name', want: ['x'] },
    { path: '.items[?(@.ratio==1.5)].name', want: ['z'] },
    { path: '.items[?(@.on==true)].name', want: ['x'] },
    { path: '.items[?(@.ratio)].name', want: ['z'] },
    { path: '.items[?(@.name=="a)]")].name', want: [] },
    { path: '.items[?(@.missing=="y")].name', want: [] },
    { path: '.items[?(@.name==@.missing)].name', want: [] },
    { path: '..leaf', want: ['found'] },
    { path: '.deep..leaf', want: ['found'] },
    { path: '.a .b', want: [1] },
    { path: '.a.b}{.list', want: [1] },
    { path: '.list[0]"text"', want: ['text'] },
    { path: ".list[0]'it\\'s'", want: ["it's"] },
    { path: '.list[0]+5', want: [5] },
    { path: '.items[?(@.name>"x")].name', want: ['y', 'z'] },
    { path: '.items[?(@.name<="x")].name', want: ['x'] },
  ])('$path finds $want', ({ path, want }) => {
    expect(find(path)).toEqual(want);
  });

  it.each([
    { title: 'an index out of bounds', path: '.list[9]' },
    { title: 'bounds the wrong way round', path: '.list[3:1]' },
    { title: 'a step of 0', path: '.list[::0]' },
    { title: 'an index of a map', path: '.a[0]' },
    { title: 'an index of one in a union', path: '.list[0,9]' },
    { title: 'a filter on a map', path: '.a[?(@.b==1)]' },
    { title: 'numbers beside text', path: '.items[?(@.weight=="1")].name' },
    { title: 'whole beside broken numbers', path: '.items[?(@.weight>1.5)].name' },
    { title: 'an order of booleans', path: '.items[?(@.on>false)].name' },
    { title: 'a map in a comparison', path: '.items[?(@==1)]' },
    { title: 'an unknown operator', path: '.items[?(@.weight=1)].name' },
    { title: 'several values at the left', path: '.items[?(@.*==1)].name' },
    { title: 'several values at the right', path: '.items[?(@.name==@.*)].name' },
    { title: 'a failing left side', path: '.items[?(@.name[0]=="x")].name' },
    { title: 'a word', path: '.a word' },
  ])('with $title finds no answer', ({ path }) => {
    expect(find(path)).toBeUndefined();
  });

  it.each([
    '.a[',
    '.a[x]',
    '.a[-]',
    '.a[1,x]',
    '.a[?(@.b]',
    '.a[?(@.b)',
    '.a[?(@.b)x',
    '.a[?(#)]',
    '.a....b',
    '.a,b',
    '.a[0]"b',
    '.a\n',
    '.a 1.2.3',
    '#',
  ])('%j is refused', (path) => {
    expect(parseJsonPath(path)).toBeUndefined();
  });

  it('of any text is parsed or refused, and applied without a throw', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'.a[]*?(@)"\'=<>0-1:, $\\{}..'.split(/(?:)/u)),
      maxLength: 24,
    });

    fc.assert(
      fc.property(text, (path) => {
        const parsed = parseJsonPath(`.${path}`);
        if (parsed) findByPath({ a: [{ a: 1 }, 'a'] }, parsed);
      }),
      { numRuns: 2000 },
    );
  });
});
