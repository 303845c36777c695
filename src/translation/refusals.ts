import { conflict, groupResourceText, qualify, StatusError } from '../kube/index.ts';
import type { TranslationTarget } from './translation-target.ts';

/** The name that the client knows the object by; '' for a create. */
export function shownName({ name, cluster }: TranslationTarget): string {
  return name === '' ? '' : qualify(name, cluster);
}

/** 422: a field names another member than the one that the object is at. */
export function namesAnotherMember(
  target: TranslationTarget,
  field: string,
  value: string,
): StatusError {
  const { group, kind, cluster } = target;
  const message = `Invalid value: ${JSON.stringify(value)}: must belong to cluster ${cluster}, as the object does`;
  const name = shownName(target);
  return new StatusError(
    'Invalid',
    `${groupResourceText({ group, resource: kind })} "${name}" is invalid: ${field}: ${message}`,
    {
      details: {
        ...(name !== '' && { name }),
        ...(group !== '' && { group }),
        kind,
        causes: [{ reason: 'FieldValueInvalid', message, field }],
      },
    },
  );
}

/** 409: the version that the client saw is not the object's any more, or not known to be. */
export function staleVersion(target: TranslationTarget): StatusError {
  return conflict(
    target,
    shownName(target),
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}
