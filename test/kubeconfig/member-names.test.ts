import { describe, expect, it } from 'vitest';
import { memberNames } from '../../src/kubeconfig/index.ts';

const long = 'arn:aws:eks:eu-central-1:123456789012:cluster/production-blue';

describe('member names', () => {
  it.each([
    { title: 'a plain name stays', contexts: ['kind-a'], want: ['kind-a'] },
    { title: 'capitals become small', contexts: ['Prod'], want: ['prod'] },
    { title: 'a run of other characters becomes one dash', contexts: ['a__b@c'], want: ['a-b-c'] },
    { title: 'dashes of its own stay', contexts: ['a--b'], want: ['a--b'] },
    { title: 'ends are trimmed', contexts: ['-_x_-'], want: ['x'] },
    { title: '48 characters are not too many', contexts: ['a'.repeat(48)], want: ['a'.repeat(48)] },
    {
      title: 'a longer one ends in six digits of its hash',
      contexts: [long],
      want: ['arn-aws-eks-eu-central-1-123456789012-clus-dc9ed0'.slice(0, 41) + '-HASH'],
    },
    { title: 'one that is taken ends in digits', contexts: ['a', 'A'], want: ['a', 'a-HASH'] },
    {
      title: 'one without a usable character gets a name',
      contexts: ['日本'],
      want: ['cluster-HASH'],
    },
  ])('$title', ({ contexts, want }) => {
    const { named, faults } = memberNames(contexts);

    expect(faults).toEqual([]);
    expect(named.map(({ name }) => name.replace(/-[0-9a-f]{6}$/, '-HASH'))).toEqual(want);
    for (const { name } of named)
      expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,46}[a-z0-9]$|^[a-z0-9]$/);
  });

  it('are unique, and equal for equal input', () => {
    const contexts = ['a', 'A', 'a!', '!a', 'a?'];

    const once = memberNames(contexts);

    expect(new Set(once.named.map(({ name }) => name)).size).toBe(contexts.length);
    expect(memberNames(contexts)).toEqual(once);
  });

  it.each([
    { title: 'chosen contexts come in their order', explicit: ['b', 'a'], want: ['b', 'a'] },
    { title: 'one can be named by hand', explicit: ['east=a', 'b'], want: ['east', 'b'] },
    { title: 'a name by hand goes first', explicit: ['a', 'a=b'], want: ['a-HASH', 'a'] },
    { title: 'a context whose own name holds =', explicit: ['x=y', 'n=x=y2'], want: ['x-y', 'n'] },
  ])('$title', ({ explicit, want }) => {
    const { named, faults } = memberNames(['a', 'b', 'x=y', 'x=y2'], explicit);

    expect(faults).toEqual([]);
    expect(named.map(({ name }) => name.replace(/-[0-9a-f]{6}$/, '-HASH'))).toEqual(want);
  });

  it('tells all faults of a choice at once', () => {
    const { faults } = memberNames(['a', 'b'], ['nope', 'Bad_Name=a', 'n=a', 'n=b', 'b']);

    expect(faults).toEqual([
      'no context "nope" in the kubeconfig; there are a, b',
      expect.stringContaining('"Bad_Name" can\'t name a member'),
      'member name "n" is given twice',
      'context "b" is chosen twice',
    ]);
  });
});
