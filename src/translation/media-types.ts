import { StatusError } from '../kube/index.ts';

const MEDIA_TYPES = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'application/json-patch+json': 'json-patch',
  'application/merge-patch+json': 'merge-patch',
  'application/strategic-merge-patch+json': 'merge-patch',
  'application/apply-patch+yaml': 'apply',
} as const;

/** How a body is written; a strategic patch looks like a merge patch to us. */
export type BodyForm = (typeof MEDIA_TYPES)[keyof typeof MEDIA_TYPES];

/**
 * Reads a Content-Type; none means JSON, as for kube-apiserver.
 * @throws UnsupportedMediaType
 */
export function readBodyForm(contentType: string | undefined): BodyForm {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === '') return 'json';
  if (Object.hasOwn(MEDIA_TYPES, mediaType)) {
    return MEDIA_TYPES[mediaType as keyof typeof MEDIA_TYPES];
  }
  throw unsupportedMediaType();
}

/** 415, in the words of kube-apiserver. */
export function unsupportedMediaType(): StatusError {
  const accepted = Object.keys(MEDIA_TYPES).join(', ');
  return new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}
