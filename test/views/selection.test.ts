import { describe, expect, it } from 'vitest';
import type { StoredObject } from '../../src/informers/index.ts';
import {
  formatFieldSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '../../src/kube/index.ts';
import { selectObjects } from '../../src/views/selection.ts';
import { KARMADA_VIEW, VIEW_ALL, type View } from '../../src/views/view.ts';

interface Asked {
  readonly resource?: string;
  readonly fields?: string;
  readonly labels?: string;
  readonly custom?: readonly string[];
  readonly view?: View;
}

function select({
  resource = '/pods',
  fields = '',
  labels = '',
  custom = [],
  view = VIEW_ALL,
}: Asked) {
  const [group = '', plural = ''] = resource.split('/');
  return selectObjects({
    view,
    resource: { group, resource: plural },
    namespace: '',
    labelSelector: parseLabelSelector(labels),
    fieldSelector: parseFieldSelector(fields),
    clusters: ['m2', 'm1'],
    isMember: (name) => ['m1', 'm2', 'm9'].includes(name),
    customFields: custom,
  });
}

function stored(content: object, cluster = 'm1'): StoredObject {
  return {
    cluster,
    namespace: 'shop',
    name: 'web',
    uid: 'u',
    memberVersion: '1',
    version: 1n,
    labels: {},
    bytes: Buffer.from(JSON.stringify(content)),
  };
}

describe('what a list selects', () => {
  it.each([
    { asked: {}, clusters: ['m1', 'm2'] },
    { asked: { labels: 'flotilla.io/cluster=m2' }, clusters: ['m2'] },
    { asked: { labels: '!flotilla.io/cluster' }, clusters: [] },
    { asked: { fields: 'metadata.name=web@m1' }, clusters: ['m1'] },
    { asked: { fields: 'spec.nodeName=n1@m2' }, clusters: ['m2'] },
    { asked: { fields: 'metadata.name=web@m1,spec.nodeName=n1@m2' }, clusters: [] },
    { asked: { fields: 'metadata.name!=web@m1' }, clusters: ['m1', 'm2'] },
    { asked: { fields: 'metadata.name=web@other' }, clusters: ['m1', 'm2'] },
    { asked: { fields: 'metadata.name=web@m1', view: KARMADA_VIEW }, clusters: ['m1', 'm2'] },
    { asked: { fields: 'status.phase=x@m1' }, clusters: ['m1', 'm2'] },
  ])('of $asked is asked of $clusters', ({ asked, clusters }) => {
    expect(select(asked).clusters).toEqual(clusters);
  });

  it('holds the objects of a member that comes later, too', () => {
    const selection = select({ labels: 'flotilla.io/cluster!=m1' });

    expect([selection.selects('m1'), selection.selects('m9'), selection.isRestricted]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each([
    { fields: 'metadata.name=web@m1,status.phase=x', m1: 'metadata.name=web,status.phase=x' },
    { fields: 'metadata.name!=web@m1', m1: 'metadata.name!=web', m2: '' },
    { fields: 'status.phase=x@m1', m1: 'status.phase=x@m1', m2: 'status.phase=x@m1' },
  ])('gives members their part of "$fields"', ({ fields, m1, m2 }) => {
    const selection = select({ fields });

    expect(formatFieldSelector(selection.fieldsAt('m1'))).toBe(m1);
    if (m2 !== undefined) expect(formatFieldSelector(selection.fieldsAt('m2'))).toBe(m2);
  });

  it.each([
    { fields: 'metadata.name=web', holds: true },
    { fields: 'metadata.name!=web', holds: false },
    { fields: 'metadata.name!=web@m2', holds: true },
    { fields: 'metadata.name!=web@m1', holds: false },
    { fields: 'metadata.namespace=shop', holds: true },
    { fields: 'spec.nodeName=n1', content: { spec: { nodeName: 'n1' } }, holds: true },
    { fields: 'spec.host=n1', content: { spec: { nodeName: 'n1' } }, holds: true },
    { fields: 'spec.nodeName=', holds: true },
    { fields: 'spec.hostNetwork=false', holds: true },
    { fields: 'spec.hostNetwork=true', content: { spec: { hostNetwork: true } }, holds: true },
    { resource: '/nodes', fields: 'spec.unschedulable=false', holds: true },
    {
      resource: '/events',
      fields: 'source=kubelet',
      content: { source: {}, reportingComponent: 'kubelet' },
      holds: true,
    },
    {
      resource: '/events',
      fields: 'source=kubelet',
      content: { source: { component: 'kubelet' }, reportingComponent: 'x' },
      holds: true,
    },
    {
      resource: '/events',
      fields: 'involvedObject.name=web@m1,involvedObject.uid=u',
      content: { involvedObject: { name: 'web', uid: 'u' } },
      holds: true,
    },
    { resource: 'batch/jobs', fields: 'status.successful=0', holds: true },
    {
      resource: 'batch/jobs',
      fields: 'status.successful=3',
      content: { status: { succeeded: 3 } },
      holds: true,
    },
    {
      resource: 'example.com/things',
      fields: 'spec.size=9007199254740993',
      content: { spec: {} },
      custom: ['spec.size'],
      holds: false,
    },
  ])('by "$fields" of $resource: $holds', ({ content = {}, holds, ...asked }) => {
    expect(select(asked).matches(stored(content))).toBe(holds);
  });

  it.each([
    { fields: 'spec.foo=x' },
    { resource: '/nodes', fields: 'metadata.namespace=x' },
    { resource: 'apps/deployments', fields: 'spec.replicas=1' },
    { fields: 'constructor=x' },
    { resource: 'example.com/things', fields: '__proto__=x' },
  ])('refuses fields that the kind does not select by: $fields', (asked) => {
    expect(() => select(asked)).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
  });
});
