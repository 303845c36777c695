import type { TranslationTarget } from '../../src/translation/index.ts';

export const OURS = '1763900000000000007';
export const THEIRS = '4711';

/** A target at member m1 of the members m1 and m2; version OURS is THEIRS there. */
export function targetOf(what: Partial<TranslationTarget> = {}): TranslationTarget {
  return {
    cluster: 'm1',
    name: 'web',
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    subresource: '',
    kind: 'Deployment',
    isMember: (name) => name === 'm1' || name === 'm2',
    memberVersion: (ours) => (ours === OURS ? THEIRS : undefined),
    ...what,
  };
}

export const POD: Partial<TranslationTarget> = { group: '', resource: 'pods', kind: 'Pod' };
export const SERVICE: Partial<TranslationTarget> = {
  group: '',
  resource: 'services',
  kind: 'Service',
};
