import { createHash } from 'node:crypto';
import type { ApiEnablement, Cluster, Condition } from '../api/index.ts';
import type { Member } from '../members/index.ts';

/** What a member's Cluster object is made of beside the member itself. */
export interface ClusterSources {
  /** What the member serves; undefined while unknown. */
  readonly apiEnablements: (member: string) => readonly ApiEnablement[] | undefined;
  /** When the member joined, RFC 3339. */
  readonly joinedAt: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The Cluster objects of members. Remembers when a member's condition changed, so that an
 * unchanged member gives an unchanged object.
 */
export function clusterObjects(sources: ClusterSources): (members: readonly Member[]) => Cluster[] {
  const lastReady = new Map<string, Condition>();
  return (members) =>
    members.map((member) => {
      const seen = readyCondition(member, sources.now());
      const before = lastReady.get(member.name);
      const isSameStatus = before?.status === seen.status;
      const ready = isSameStatus
        ? { ...seen, lastTransitionTime: before.lastTransitionTime }
        : seen;
      lastReady.set(member.name, ready);
      return clusterObject(member, ready, sources);
    });
}

function clusterObject(member: Member, ready: Condition, sources: ClusterSources): Cluster {
  const { name, server, health } = member;
  const apiEnablements = sources.apiEnablements(name);
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: {
      name,
      uid: stableUid(`clusters/${name}`),
      generation: 1,
      creationTimestamp: sources.joinedAt,
    },
    spec: {
      ...(health.uid !== undefined && { id: health.uid }),
      syncMode: 'Push',
      apiEndpoint: server.href.replace(/\/$/, ''),
    },
    status: {
      ...(health.gitVersion !== undefined && { kubernetesVersion: health.gitVersion }),
      ...(apiEnablements && { apiEnablements }),
      conditions: [ready],
    },
  };
}

/** Karmada's condition Ready with its reasons; a failure's message says what was seen. */
function readyCondition({ health }: Member, now: number): Condition {
  const lastTransitionTime = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const base = { type: 'Ready', lastTransitionTime };
  const { isAlive, lastError, lastAnswerMs } = health;
  if (isAlive && lastError === undefined) {
    const message = 'cluster is healthy and ready to accept workloads';
    return { ...base, status: 'True', reason: 'ClusterReady', message };
  }
  if (isAlive) {
    return { ...base, status: 'False', reason: 'ClusterNotReady', message: lastError ?? '' };
  }
  if (lastAnswerMs === undefined && lastError === undefined) {
    const message = 'cluster has not been asked yet';
    return { ...base, status: 'Unknown', reason: 'ClusterStatusNeverUpdated', message };
  }
  const message = lastError ?? 'cluster is not reachable';
  return { ...base, status: 'False', reason: 'ClusterNotReachable', message };
}

/** A uid that is the same at every start, from what the object is. */
export function stableUid(identity: string): string {
  const hex = createHash('sha256').update(`flotilla.io/${identity}`).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
