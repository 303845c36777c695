import { describe, expect, it } from 'vitest';
import {
  formatLabelSelector,
  matchesLabels,
  parseLabelSelector,
  StatusError,
} from '../../src/kube/index.ts';

const WEB = { app: 'web', tier: 'front', weight: '10', empty: '' };

describe('a label selector', () => {
  it.each([
    { text: '', holds: true },
    { text: '   ', holds: true },
    { text: 'app=web', holds: true },
    { text: 'app==web', holds: true },
    { text: 'app = web , tier=front', holds: true },
    { text: 'app=db', holds: false },
    { text: 'app=', holds: false },
    { text: 'empty=', holds: true },
    { text: 'missing=', holds: false },
    { text: 'app!=db', holds: true },
    { text: 'app!=web', holds: false },
    { text: 'missing!=web', holds: true },
    { text: 'app', holds: true },
    { text: 'missing', holds: false },
    { text: '!app', holds: false },
    { text: '! missing', holds: true },
    { text: 'app in (web)', holds: true },
    { text: 'app in ( db , web )', holds: true },
    { text: 'app in (db)', holds: false },
    { text: 'missing in (db)', holds: false },
    { text: 'empty in (,a)', holds: true },
    { text: 'app in ()', holds: false },
    { text: 'empty in ()', holds: true },
    { text: 'app notin (db)', holds: true },
    { text: 'app notin (web,db)', holds: false },
    { text: 'missing notin (db)', holds: true },
    { text: 'weight>9', holds: true },
    { text: 'weight>10', holds: false },
    { text: 'weight<11', holds: true },
    { text: 'weight<10', holds: false },
    { text: 'weight<99999999999999999999', holds: true },
    { text: 'app>1', holds: false },
    { text: 'missing<1', holds: false },
    { text: 'app=web,tier=back', holds: false },
    { text: 'in', holds: false },
    { text: 'notin=x', holds: false },
    { text: 'app in (in,notin,web)', holds: true },
    { text: 'constructor', holds: false },
    { text: 'toString!=x', holds: true },
    { text: '!hasOwnProperty', holds: true },
  ])('"$text" holds: $holds', ({ text, holds }) => {
    expect(matchesLabels(parseLabelSelector(text), WEB)).toBe(holds);
  });

  it.each([
    { text: 'app in (b,a,b)', as: 'app in (a,b)' },
    { text: 'app==web', as: 'app in (web)' },
    { text: 'app!=web', as: 'app notin (web)' },
    { text: 'app=', as: 'app in ()' },
    { text: '!app,tier', as: '!app,tier' },
    { text: 'weight > 5,weight<7', as: 'weight>5,weight<7' },
    { text: 'example.com/app=web', as: 'example.com/app in (web)' },
  ])('"$text" is sent to members as "$as", which reads alike', ({ text, as }) => {
    const selector = parseLabelSelector(text);

    expect(formatLabelSelector(selector)).toBe(as);
    expect(parseLabelSelector(as)).toEqual(selector);
  });

  it.each([
    { text: ',', says: "found ',', expected: !, identifier, or 'end of string'" },
    { text: 'a,', says: "found '', expected: identifier after ','" },
    { text: 'a b', says: "unable to parse requirement: found 'b', expected: in, notin, =" },
    { text: 'a=b c', says: "found 'c', expected: ',' or 'end of string'" },
    { text: 'a in b', says: "unable to parse requirement: found 'b' expected: '('" },
    { text: 'a in (b', says: "unable to parse requirement: found '', expected: ',' or ')'" },
    { text: 'a in (', says: "found '', expected: ',', ')' or identifier" },
    { text: 'a=(', says: "unable to parse requirement: found '(', expected: identifier" },
    { text: '!=a', says: 'identifier' },
    { text: 'a>x', says: "for 'Gt', 'Lt' operators, the value must be an integer" },
    { text: 'a<', says: 'the value must be an integer' },
    { text: '-a', says: 'a valid label key' },
    { text: 'a/b/c', says: 'a valid label key' },
    { text: '/a', says: 'a valid label key' },
    { text: 'A.b/c', says: 'a valid label key' },
    { text: 'a'.repeat(64), says: 'a valid label key' },
    { text: `${'a'.repeat(254)}/b`, says: 'a valid label key' },
    { text: 'a=-b', says: 'a valid label value' },
    { text: 'a in (b,c-)', says: 'a valid label value' },
  ])('"$text" is refused as a bad request', ({ text, says }) => {
    const thrown = thrownBy(() => parseLabelSelector(text));

    expect(thrown).toBeInstanceOf(StatusError);
    expect(thrown).toMatchObject({
      reason: 'BadRequest',
      message: expect.stringContaining(says) as string,
    });
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
}
