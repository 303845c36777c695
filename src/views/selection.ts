import type { StoredObject } from '../informers/index.ts';
import {
  CLUSTER_LABEL,
  matchesLabels,
  matchesRequirement,
  splitName,
  type FieldRequirement,
  type FieldSelector,
  type LabelSelector,
} from '../kube/index.ts';
import { FieldReader, NAME_FIELDS } from './field-values.ts';
import type { View } from './view.ts';

export interface SelectionRequest {
  readonly view: View;
  readonly resource: { readonly group: string; readonly resource: string };
  /** '' for all. */
  readonly namespace: string;
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  /** Members that serve the kind. */
  readonly clusters: readonly string[];
  readonly isMember: (name: string) => boolean;
  /** Fields that the custom resource selects by; empty for built-in kinds. */
  readonly customFields: readonly string[];
}

/** Which objects of which members a list or a watch holds. */
export interface Selection {
  /** The members to ask now, sorted by name. */
  readonly clusters: readonly string[];
  /** Whether it holds a member's objects, also of one that comes later. */
  selects(cluster: string): boolean;
  /** Whether there may be members that it does not select. */
  readonly isRestricted: boolean;
  /** Whether it asks for an object by its qualified name. */
  readonly namesMember: boolean;
  /** The members' part of the label selector: what they can match by themselves. */
  readonly labels: LabelSelector;
  /** A member's part of the field selector, with names as the member has them. */
  fieldsAt(cluster: string): FieldSelector;
  /** Whether it holds less than everything in its namespace or namespaces. */
  readonly isPartial: boolean;
  matches(object: StoredObject): boolean;
}

interface FieldTerm extends FieldRequirement {
  /** '' for a plain value. */
  readonly cluster: string;
}

/** @throws BadRequest for a field that the kind does not select by */
export function selectObjects(request: SelectionRequest): Selection {
  const { labelSelector, namespace } = request;
  const terms = request.fieldSelector.map((requirement) => readTerm(requirement, request));
  const reader = new FieldReader(
    request.resource,
    terms.map(({ field }) => field),
    request.customFields,
  );
  const virtual = labelSelector.filter(({ key }) => key === CLUSTER_LABEL);
  const labels = labelSelector.filter(({ key }) => key !== CLUSTER_LABEL);
  const named = terms.filter((term) => !term.negated && term.cluster !== '');
  const selects = (cluster: string): boolean =>
    virtual.every((requirement) => matchesRequirement(requirement, cluster)) &&
    named.every((term) => term.cluster === cluster);
  return {
    clusters: request.clusters.filter(selects).sort(),
    selects,
    isRestricted: virtual.length > 0 || named.length > 0,
    namesMember: named.length > 0,
    labels,
    fieldsAt: (cluster) =>
      terms
        .filter((term) => term.cluster === '' || term.cluster === cluster)
        .map(({ field, negated, value }) => ({ field, negated, value })),
    isPartial: labelSelector.length > 0 || terms.length > 0,
    matches: (object) =>
      (namespace === '' || object.namespace === namespace) &&
      matchesLabels(labels, object.labels) &&
      (terms.length === 0 || matchesTerms(terms, object, reader)),
  };
}

function readTerm(requirement: FieldRequirement, { view, isMember }: SelectionRequest): FieldTerm {
  if (view.naming === 'Plain' || !NAME_FIELDS.has(requirement.field))
    return { ...requirement, cluster: '' };
  const { name, cluster } = splitName(requirement.value, isMember);
  return { ...requirement, value: name, cluster };
}

function matchesTerms(
  terms: readonly FieldTerm[],
  object: StoredObject,
  reader: FieldReader,
): boolean {
  const valueOf = reader.read(object);
  return terms.every(({ field, negated, value, cluster }) => {
    const isEqual = valueOf(field) === value && (cluster === '' || cluster === object.cluster);
    return isEqual !== negated;
  });
}
