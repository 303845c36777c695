import { expect, it } from 'vitest';
import { quote } from '../../src/bytes/index.ts';

it.each([
  { text: 'web', want: '"web"' },
  { text: '', want: '""' },
  { text: 'a"b\\c/d', want: '"a\\"b\\\\c/d"' },
  { text: '\n\t\u0001\u007f', want: '"\\n\\t\\u0001\u007f"' },
  { text: 'é😀', want: '"é😀"' },
  { text: '\ud800', want: '"\\ud800"' },
])('quotes $text as $want', ({ text, want }) => {
  expect(quote(text)).toBe(want);
});
