import { filled } from './filled.ts';
import { kind, type Kinds } from './kind.ts';
import { ageColumn, column, nameColumn, wide, type KubernetesObject } from './printer.ts';

interface Node extends KubernetesObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly nodeInfo?: {
      readonly kubeletVersion?: string;
      readonly osImage?: string;
      readonly kernelVersion?: string;
      readonly architecture?: string;
      readonly containerRuntimeVersion?: string;
    };
  };
}

interface RuntimeClass extends KubernetesObject {
  readonly handler?: string;
}

/** Nodes and what says how they run containers. */
export const nodeKinds: Kinds = {
  nodes: kind<Node>((minor) => [
    nameColumn(),
    column('Status', nodeStatus),
    column('Roles', (node) => nodeRoles(node).join(',') || '<none>'),
    ageColumn(),
    column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    ...wide<Node>(
      column('Internal-IP', (node) => firstAddress(node, 'InternalIP')),
      column('External-IP', (node) => firstAddress(node, 'ExternalIP')),
      column('OS-Image', ({ status }) => filled(status?.nodeInfo?.osImage, '<unknown>')),
      column('Kernel-Version', (node) => kernelVersion(node, minor)),
      column('Container-Runtime', runtimeVersion),
    ),
  ]),

  'runtimeclasses.node.k8s.io': kind<RuntimeClass>(() => [
    nameColumn(),
    column('Handler', ({ handler }) => handler ?? ''),
    ageColumn(),
  ]),
};

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast(({ type }) => type === 'Ready');
  const word = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: Node): string[] {
  const roles = Object.entries(metadata?.labels ?? {}).map(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
    return key === 'kubernetes.io/role' ? value : '';
  });
  return [...new Set(roles.filter((role) => role !== ''))].sort();
}

function firstAddress({ status }: Node, wanted: string): string {
  return status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>';
}

/** From 1.36 the architecture is told too. */
function kernelVersion({ status }: Node, minor: number): string {
  const version = filled(status?.nodeInfo?.kernelVersion, '<unknown>');
  const architecture = status?.nodeInfo?.architecture;
  return minor >= 36 && architecture ? `${version} (${architecture})` : version;
}

function runtimeVersion({ status }: Node): string {
  return filled(status?.nodeInfo?.containerRuntimeVersion, '<unknown>');
}
