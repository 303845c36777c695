import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { OWN_DEFINITIONS } from '../api/index.ts';
import type { Access } from '../identity/index.ts';
import type { Length, OpenRequests } from './open-requests.ts';

/** One answered request. */
export interface Observation {
  readonly method: string;
  /** undefined when the request was refused before it was understood. */
  readonly access: Access | undefined;
  readonly length: Length;
  readonly code: number;
  readonly seconds: number;
}

export interface RequestMetrics {
  observe(observation: Observation): void;
}

const OWN_GROUPS = new Set(OWN_DEFINITIONS.map(({ group }) => group));

const RESOURCE_LABELS = [
  'verb',
  'group',
  'version',
  'resource',
  'subresource',
  'scope',
  'component',
];

/** Counts requests under kube-apiserver's metric names, so that its dashboards and alerts fit. */
export function createRequestMetrics(
  registry: Registry,
  openRequests: OpenRequests,
): RequestMetrics {
  const registers = [registry];
  const total = new Counter({
    name: 'apiserver_request_total',
    help: 'Requests by verb, resource and HTTP code.',
    labelNames: [...RESOURCE_LABELS, 'dry_run', 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Seconds until the answer was complete, long-running requests excluded.',
    labelNames: [...RESOURCE_LABELS, 'dry_run'],
    buckets: [
      0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 30, 60,
    ],
    registers,
  });
  new Gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Watches, logs and streams that are open.',
    registers,
    collect() {
      this.set(openRequests.count('long-running'));
    },
  });
  new Gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Requests that are being answered, long-running ones excluded.',
    registers,
    collect() {
      this.set(openRequests.count('short'));
    },
  });
  return {
    observe({ method, access, length, code, seconds }) {
      const labels = { ...labelsOf(method, access), dry_run: '' };
      total.inc({ ...labels, code: String(code) });
      if (length === 'short') duration.observe(labels, seconds);
    },
  };
}

function labelsOf(method: string, access: Access | undefined): Record<string, string> {
  const none = {
    group: '',
    version: '',
    resource: '',
    subresource: '',
    scope: '',
    component: 'apiserver',
  };
  // Words of a client's own making would fill the memory: only groups of ours become labels.
  if (access?.kind !== 'resource' || !OWN_GROUPS.has(access.group)) {
    return { ...none, verb: method };
  }
  const { group, version, resource, subresource, name, verb } = access;
  const isProxy = subresource === 'proxy';
  return {
    ...none,
    ...{ group, version, resource, subresource },
    scope: name === '' ? 'cluster' : 'resource',
    verb: isProxy ? 'CONNECT' : metricVerb(method, verb),
  };
}

function metricVerb(method: string, verb: string): string {
  return verb === 'list' || verb === 'watch' || verb === 'deletecollection'
    ? verb.toUpperCase()
    : method === 'HEAD'
      ? 'GET'
      : method;
}
