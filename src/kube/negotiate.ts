import { StatusError, badRequest } from './status-error.ts';

/** How a client wants objects: whole, as Table rows, or metadata only. */
export type Representation = 'Object' | 'Table' | 'PartialObjectMetadata';

/** One acceptable answer. */
export interface Accepted {
  readonly mediaType: 'application/json' | 'application/yaml';
  readonly as: Representation;
  /** Of Table and PartialObjectMetadata: `v1` or `v1beta1`. */
  readonly version: string;
}

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The clauses of an Accept header, most wanted first. */
export function acceptClauses(header: string): Clause[] {
  const clauses = header.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map(
      rest.map((part) => {
        const equals = part.indexOf('=');
        return equals < 0
          ? [part.toLowerCase(), '']
          : [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()];
      }),
    );
    const quality = Number(parameters.get('q') ?? '1');
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return (
    clauses
      // A quality of 0 is the last choice, not none: so kube-apiserver has it.
      .filter(({ type }) => type !== '')
      .sort((a, b) => b.quality - a.quality)
  );
}

const SUPPORTED = ['application/json', 'application/yaml'];

/**
 * Chooses the representation of an answer that holds objects. Protobuf is not served: clients that
 * prefer it name JSON beside it.
 * @param listed - whether a list (or a watch of one) is answered, which decides the form of metadata-only
 * @throws NotAcceptable when no clause can be served
 */
export function negotiate(header: string | undefined, answer: 'one' | 'list' | 'watch'): Accepted {
  const clauses = acceptClauses(header === undefined || header.trim() === '' ? '*/*' : header);
  for (const clause of clauses) {
    const accepted = readClause(clause, answer);
    if (accepted) return accepted;
  }
  throw notAcceptable(
    clauses.some(({ type }) => readMediaType(type) !== undefined || type === PROTOBUF),
  );
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** kube-apiserver has two ways to say it: of media types, and of what is asked for in them. */
function notAcceptable(isKnownType: boolean): StatusError {
  const supported = SUPPORTED.join(', ');
  return isKnownType
    ? new StatusError('NotAcceptable', `only the following media types are accepted: ${supported}`)
    : new StatusError(
        'NotAcceptable',
        `406: Not Acceptable\n\nAvailable representations: ${supported}`,
        { details: {} },
      );
}

function readClause(clause: Clause, answer: 'one' | 'list' | 'watch'): Accepted | undefined {
  const mediaType = readMediaType(clause.type);
  if (!mediaType || (mediaType === 'application/yaml' && answer === 'watch')) return undefined;
  const as = clause.parameters.get('as');
  if (as === undefined || as === '') return { mediaType, as: 'Object', version: '' };
  const version = clause.parameters.get('v') ?? '';
  if (clause.parameters.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(version))
    return undefined;
  if (as === 'Table') return { mediaType, as: 'Table', version };
  const metadataForm = answer === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return as === metadataForm ? { mediaType, as: 'PartialObjectMetadata', version } : undefined;
}

function readMediaType(type: string): Accepted['mediaType'] | undefined {
  if (type === '*/*' || type === 'application/*' || type === 'application/json')
    return 'application/json';
  return type === 'application/yaml' ? 'application/yaml' : undefined;
}

export type IncludeObject = 'Metadata' | 'Object' | 'None';

/**
 * What a Table's rows carry beside their cells.
 * @throws BadRequest for any other word
 */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'Metadata' || value === 'Object' || value === 'None') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: "${value}": must be 'Metadata', 'Object', 'None', or empty`,
  );
}
