import type { OwnObject } from '../api/index.ts';
import {
  badRequest,
  matchesLabels,
  type FieldSelector,
  type LabelSelector,
} from '../kube/index.ts';

export type Selects = (object: OwnObject) => boolean;

const FIELDS: Readonly<Record<string, (object: OwnObject) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': () => '',
};

/**
 * Whether an object of ours is selected.
 * @throws BadRequest for a field that can't be selected by
 */
export function selection(
  labelSelector: LabelSelector,
  fieldSelector: FieldSelector,
  name = '',
): Selects {
  const fields = fieldSelector.map(({ field, negated, value }) => {
    const read = FIELDS[field];
    if (!read) {
      throw badRequest(
        `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
    return (object: OwnObject) => (read(object) === value) !== negated;
  });
  return (object) =>
    (name === '' || object.metadata.name === name) &&
    matchesLabels(labelSelector, object.metadata.labels ?? {}) &&
    fields.every((holds) => holds(object));
}
