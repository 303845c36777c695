import { accessKinds } from './access.ts';
import { admissionKinds } from './admission.ts';
import { autoscalingKinds } from './autoscaling.ts';
import { controlPlaneKinds } from './control-plane.ts';
import { coreKinds } from './core.ts';
import { defaultPrinter } from './default.ts';
import descriptions from './descriptions.json' with { type: 'json' };
import { deviceKinds } from './devices.ts';
import { eventKinds } from './events.ts';
import { jobKinds } from './jobs.ts';
import type { Kinds } from './kind.ts';
import { networkingKinds } from './networking.ts';
import { nodeKinds } from './nodes.ts';
import { podKinds } from './pods.ts';
import { policyKinds } from './policy.ts';
import type { Printer } from './printer.ts';
import { serviceKinds } from './services.ts';
import { storageKinds } from './storage.ts';
import { workloadKinds } from './workloads.ts';

const KINDS: Kinds = {
  ...podKinds,
  ...nodeKinds,
  ...coreKinds,
  ...eventKinds,
  ...workloadKinds,
  ...jobKinds,
  ...serviceKinds,
  ...networkingKinds,
  ...storageKinds,
  ...autoscalingKinds,
  ...policyKinds,
  ...accessKinds,
  ...admissionKinds,
  ...deviceKinds,
  ...controlPlaneKinds,
};

/** Built-in kinds without columns of their own. */
const PLAIN_KINDS: ReadonlySet<string> = new Set([
  'limitranges',
  'roles.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
]);

/** A column's text in every version, or from each of the minor versions that changed it. */
type Description = string | readonly { readonly since: number; readonly text: string }[];

const DESCRIPTIONS: Readonly<Record<string, Readonly<Record<string, Description>>>> = descriptions;

/**
 * The printer of a built-in kind, as a kube-apiserver of that minor version (34 for 1.34) has it;
 * `defaultPrinter` for those that have no columns of their own. All versions of a group print
 * alike. A subresource follows a slash: `deployments/scale`; `…/status` prints as the object.
 *
 * @returns undefined for what is not built in
 */
export function builtInPrinter(
  group: string,
  _version: string,
  resource: string,
  minor: number,
): Printer | undefined {
  const key = kindKey(group, resource);
  if (PLAIN_KINDS.has(key)) return defaultPrinter;
  const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
  return kind?.({ minor, describe: (column) => describe(key, column, minor) });
}

function kindKey(group: string, resource: string): string {
  const [name = '', subresource = 'status'] = resource.split('/');
  if (subresource === 'scale') return 'scale.autoscaling';
  if (subresource !== 'status') return '';
  return group === '' ? name : `${name}.${group}`;
}

function describe(key: string, column: string, minor: number): string {
  const description = DESCRIPTIONS[key]?.[column] ?? DESCRIPTIONS['*']?.[column] ?? '';
  if (typeof description === 'string') return description;
  return description.findLast(({ since }) => since <= minor)?.text ?? description[0]?.text ?? '';
}
