/**
 * The reasons a request can fail for and the HTTP code of each, as kube-apiserver pairs them.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export const REASONS = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  RequestHeaderFieldsTooLarge: 431,
  InternalError: 500,
  NotImplemented: 501,
  BadGateway: 502,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type Reason = keyof typeof REASONS;

/** One of several causes of a failure; `field` is a path in the object, where there is one. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What a failure is about. `kind` holds the resource's plural name, except for Invalid: there the Kind. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A v1 Status, as it goes over the wire. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

export interface StatusErrorOptions extends ErrorOptions {
  readonly details?: StatusDetails;
}

/** The one error a caller of any room may see; the server turns it into a v1 Status body. */
export class StatusError extends Error {
  readonly reason: Reason;
  readonly code: number;
  readonly details: StatusDetails | undefined;

  constructor(reason: Reason, message: string, options: StatusErrorOptions = {}) {
    super(message, options);
    this.name = 'StatusError';
    this.reason = reason;
    this.code = REASONS[reason];
    this.details = options.details;
  }

  /** The body to answer with. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

/** Anything thrown becomes a StatusError here and nowhere else; the cause is logged, never sent. */
export function toStatusError(thrown: unknown): StatusError {
  if (thrown instanceof StatusError) return thrown;
  return new StatusError('InternalError', 'Internal Server Error', { cause: thrown });
}

/** What an error is about: a resource's group and plural. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** `deployments.apps`, or `pods` in the core group. */
export function groupResourceText({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function about(
  target: GroupResource,
  name?: string,
  causes?: readonly StatusCause[],
): StatusDetails {
  return {
    ...(name !== undefined && name !== '' && { name }),
    ...(target.group !== '' && { group: target.group }),
    kind: target.resource,
    ...(causes && causes.length > 0 && { causes }),
  };
}

/** 404: the object is not there. `choices` say what could be meant. */
export function notFound(
  target: GroupResource,
  name: string,
  choices: readonly string[] = [],
): StatusError {
  const causes = choices.map((choice) => ({
    reason: 'Choice',
    message: choice,
    field: 'metadata.name',
  }));
  const hint = choices.length > 0 ? `; it is in ${choices.join(', ')}` : '';
  return new StatusError('NotFound', `${groupResourceText(target)} "${name}" not found${hint}`, {
    details: about(target, name, causes),
  });
}

/** 404 of a path or kind that nobody serves, as kube-apiserver words it. */
export function unknownPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', {
    details: {},
  });
}

/** 409: the object has changed since the version that the writer saw. */
export function conflict(target: GroupResource, name: string, message: string): StatusError {
  return new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${groupResourceText(target)} "${name}": ${message}`,
    { details: about(target, name) },
  );
}

/** 405 of a method that nothing on the path takes, as kube-apiserver words it. */
export function unsupportedMethod(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError('MethodNotAllowed', message, { details: {} });
}

/** 405: the verb does not apply to the kind. */
export function methodNotAllowed(target: GroupResource, verb: string): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${groupResourceText(target)}"`,
    { details: about(target) },
  );
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message);
}

/** 410: a resourceVersion or continue token that can't be answered any more; a relist heals it. */
export function expired(message: string): StatusError {
  return new StatusError('Expired', message);
}

/** 422 of list options, in the words and details of kube-apiserver: clients detect missing features by it. */
export function invalidListOptions(causes: readonly StatusCause[]): StatusError {
  const texts = causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
  const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return new StatusError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${all}`, {
    details: { group: 'meta.k8s.io', kind: 'ListOptions', causes },
  });
}

/** 503: a member could not be asked. The message names it. */
export function memberUnavailable(cluster: string, message: string, cause?: unknown): StatusError {
  return new StatusError('ServiceUnavailable', `cluster ${cluster}: ${message}`, {
    cause,
    details: { name: cluster, group: 'cluster.karmada.io', kind: 'clusters' },
  });
}
