import { describe, expect, it } from 'vitest';

import { customPrinter, type CustomColumn } from '../../src/printers/index.ts';

const NOW = Date.UTC(2026, 0, 10);

function cellOf(column: Partial<CustomColumn>, spec: unknown): unknown {
  const printer = customPrinter([{ name: 'X', type: 'string', jsonPath: '.spec.x', ...column }]);
  return printer.row({ metadata: { name: 'n' }, spec: { x: spec } }, NOW).cells[1];
}

describe('a custom column', () => {
  it.each([
    { type: 'string', value: 'text', want: 'text' },
    { type: 'string', value: 7, want: '7' },
    { type: 'string', value: 9007199254740993n, want: '9007199254740993' },
    { type: 'string', value: true, want: 'true' },
    { type: 'string', value: null, want: '<no value>' },
    { type: 'string', value: 1e20, want: '1e+20' },
    { type: 'string', value: 0.25, want: '0.25' },
    { type: 'string', value: 1234567.5, want: '1.2345675e+06' },
    { type: 'string', value: 123456.5, want: '123456.5' },
    { type: 'string', value: 0.00001, want: '1e-05' },
    { type: 'string', value: -0.00001, want: '-1e-05' },
    {
      type: 'string',
      value: { b: [1, null], a: '<&>' },
      want: '{"a":"\\u003c\\u0026\\u003e","b":[1,null]}',
    },
    { type: 'string', value: [9007199254740993n, '\u2028'], want: '[9007199254740993,"\\u2028"]' },
    { type: 'integer', value: 7, want: 7 },
    { type: 'integer', value: 9007199254740993n, want: 9007199254740993n },
    { type: 'integer', value: -7.9, want: -7 },
    { type: 'integer', value: 1e30, want: -(2 ** 63) },
    { type: 'integer', value: '7', want: null },
    { type: 'number', value: 7.5, want: 7.5 },
    { type: 'number', value: 7n, want: 7 },
    { type: 'number', value: '7', want: null },
    { type: 'boolean', value: false, want: false },
    { type: 'boolean', value: 'false', want: null },
    { type: 'date', value: '2026-01-09T12:00:00Z', want: '12h' },
    { type: 'date', value: '', want: '<unknown>' },
    { type: 'date', value: 'null', want: '<unknown>' },
    { type: 'date', value: 'yesterday', want: '<invalid>' },
    { type: 'date', value: 7, want: null },
    { type: 'else', value: 'x', want: null },
  ])('of type $type prints $value as $want', ({ type, value, want }) => {
    expect(cellOf({ type }, value)).toBe(want);
  });

  it('prints nothing where its path leads nowhere', () => {
    expect(cellOf({ jsonPath: '.status.none' }, 'x')).toBeNull();
  });

  it('brings its description, or that of its path', () => {
    const { columns } = customPrinter([
      { name: 'A', type: 'string', jsonPath: '.a', description: 'An A', priority: 2 },
      { name: 'B', type: 'integer', jsonPath: '.b', format: 'int32' },
    ]);

    expect(columns.slice(1)).toEqual([
      { name: 'A', type: 'string', format: '', description: 'An A', priority: 2 },
      {
        name: 'B',
        type: 'integer',
        format: 'int32',
        description: 'Custom resource definition column (in JSONPath format): .b',
        priority: 0,
      },
    ]);
  });

  it('after one that is no path is left out, as that one is', () => {
    const { columns } = customPrinter([
      { name: 'A', type: 'string', jsonPath: '.a' },
      { name: 'B', type: 'string', jsonPath: '.b[' },
      { name: 'C', type: 'string', jsonPath: '.c' },
    ]);

    expect(columns.map(({ name }) => name)).toEqual(['Name', 'A']);
  });

  it('of a date is timed, and rendered again from what the row keeps', () => {
    const printer = customPrinter([]);

    const row = printer.row(
      { metadata: { name: 'n', creationTimestamp: '2026-01-09T00:00:00Z' } },
      NOW,
    );

    expect(printer.columns.map(({ name }) => name)).toEqual(['Name', 'Age']);
    expect(printer.timedCells).toEqual([1]);
    expect(row.cells).toEqual(['n', '24h']);
    expect(row.timed).toEqual([{ index: 1, since: Date.UTC(2026, 0, 9), before: '', after: '' }]);
  });
});
