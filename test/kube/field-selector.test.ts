import { describe, expect, it } from 'vitest';
import { formatFieldSelector, parseFieldSelector } from '../../src/kube/index.ts';

const is = (field: string, value: string) => ({ field, negated: false, value });
const isNot = (field: string, value: string) => ({ field, negated: true, value });

describe('a field selector', () => {
  it.each([
    { text: '', terms: [] },
    { text: 'a=b', terms: [is('a', 'b')] },
    { text: 'a==b', terms: [is('a', 'b')] },
    { text: 'a!=b', terms: [isNot('a', 'b')] },
    { text: 'a=b,c!=d', terms: [is('a', 'b'), isNot('c', 'd')] },
    { text: ',a=b,', terms: [is('a', 'b')] },
    { text: 'a=', terms: [is('a', '')] },
    { text: 'metadata.name=web@m1', terms: [is('metadata.name', 'web@m1')] },
    { text: String.raw`a=x\,y\=z\\`, terms: [is('a', String.raw`x,y=z\ `.trim())] },
    { text: 'a=b!c', terms: [is('a', 'b!c')] },
  ])('"$text" is read term by term', ({ text, terms }) => {
    expect(parseFieldSelector(text)).toEqual(terms);
  });

  it.each(['a=b', 'a!=b,c=d', 'a=', String.raw`a=x\,y\=z\\,b=c`])(
    '"%s" is sent to members as it was read',
    (text) => {
      expect(formatFieldSelector(parseFieldSelector(text))).toBe(text);
    },
  );

  it.each([
    { text: 'a', says: "invalid selector: 'a'; can't understand 'a'" },
    { text: 'x=1,a>b', says: "invalid selector: 'x=1,a>b'; can't understand 'a>b'" },
    { text: 'a=b=c', says: 'invalid field selector: unescaped character in value: 61' },
    {
      text: String.raw`a=\x`,
      says: String.raw`invalid field selector: invalid escape sequence: \x`,
    },
    { text: 'a=b\\', says: 'invalid field selector: invalid escape sequence: \\' },
  ])('"$text" is refused in the words of kube-apiserver', ({ text, says }) => {
    expect(() => parseFieldSelector(text)).toThrow(
      expect.objectContaining({ reason: 'BadRequest', message: says }),
    );
  });
});
