import { filled } from './filled.ts';
import { kind, type Kind, type Kinds } from './kind.ts';
import type { LabelSelector } from './labels.ts';
import {
  ageColumn,
  column,
  integer,
  nameColumn,
  type Column,
  type KubernetesObject,
} from './printer.ts';

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly unknown[];
}

interface AdmissionPolicy extends KubernetesObject {
  readonly spec?: {
    readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
    readonly validations?: readonly unknown[];
    readonly mutations?: readonly unknown[];
  };
}

interface AdmissionPolicyBinding extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: {
      readonly name?: string;
      readonly namespace?: string;
      readonly selector?: LabelSelector;
    };
  };
}

const webhooks: Kind = kind<WebhookConfiguration>(() => [
  nameColumn(),
  integer('Webhooks', ({ webhooks }) => webhooks?.length ?? 0),
  ageColumn(),
]);

const bindings: Kind = kind<AdmissionPolicyBinding>(() => [
  nameColumn(),
  column('PolicyName', ({ spec }) => spec?.policyName ?? ''),
  column('ParamRef', paramRef),
  ageColumn(),
]);

/** What judges or changes objects on their way in. */
export const admissionKinds: Kinds = {
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': policies(
    integer('Validations', ({ spec }) => spec?.validations?.length ?? 0),
  ),
  'mutatingadmissionpolicies.admissionregistration.k8s.io': policies(
    integer('Mutations', ({ spec }) => spec?.mutations?.length ?? 0),
  ),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
};

function policies(rules: Column<AdmissionPolicy>): Kind {
  return kind<AdmissionPolicy>(() => [
    nameColumn(),
    rules,
    column('ParamKind', ({ spec }) =>
      spec?.paramKind
        ? `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`
        : '<unset>',
    ),
    ageColumn(),
  ]);
}

function paramRef({ spec }: AdmissionPolicyBinding): string {
  const { name, namespace, selector } = spec?.paramRef ?? {};
  if (name) return `${filled(namespace, '*')}/${name}`;
  return selector ? structText(selector) : '<unset>';
}

/** The selector as the server's own debugging text, which is what this one column shows. */
function structText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const requirements = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const expressions = `[]LabelSelectorRequirement{${requirements.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:${expressions},}`;
}
