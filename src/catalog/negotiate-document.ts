import { acceptClauses, StatusError } from '../kube/index.ts';

/** The forms a discovery document is served in. */
export type DiscoveryForm =
  | { readonly form: 'aggregated'; readonly version: 'v2' | 'v2beta1' }
  | { readonly form: 'json' }
  | { readonly form: 'yaml' };

/**
 * Chooses the form of a discovery document.
 * @param hasAggregated - true for `/api` and `/apis`
 * @throws NotAcceptable when the client takes none of them
 */
export function negotiateDiscovery(
  accept: string | undefined,
  hasAggregated: boolean,
): DiscoveryForm {
  for (const { type, parameters } of acceptClauses(orAny(accept))) {
    const as = parameters.get('as') ?? '';
    const isJson = ['application/json', 'application/*', '*/*'].includes(type);
    if (as === '') {
      if (isJson) return { form: 'json' };
      if (type === 'application/yaml') return { form: 'yaml' };
    } else if (isJson && hasAggregated && as === 'APIGroupDiscoveryList') {
      const version = parameters.get('v');
      const isKnown = parameters.get('g') === 'apidiscovery.k8s.io';
      if (isKnown && (version === 'v2' || version === 'v2beta1')) {
        return { form: 'aggregated', version };
      }
    }
  }
  throw notAcceptable(['application/json', 'application/yaml']);
}

/**
 * The encodings of an OpenAPI document that a client takes, most wanted first. The protobuf type is
 * asked for with `@` too, which is no valid media type but what clients send.
 * @param specification - `v2` or `v3`
 * @throws NotAcceptable when the client takes none
 */
export function openApiEncodings(
  accept: string | undefined,
  specification: 'v2' | 'v3',
): ('json' | 'protobuf')[] {
  const asked = `application/com.github.proto-openapi.spec.${specification}`;
  const encodings = acceptClauses(orAny(accept)).flatMap(({ type }) => {
    if (['application/json', 'application/*', '*/*'].includes(type)) return ['json' as const];
    const isProtobuf = type === `${asked}.v1.0+protobuf` || type === `${asked}@v1.0+protobuf`;
    return isProtobuf ? ['protobuf' as const] : [];
  });
  if (encodings.length === 0) {
    throw notAcceptable(['application/json', openApiProtobuf(specification)]);
  }
  return encodings;
}

/** The media type that protobuf OpenAPI documents are answered with. */
export function openApiProtobuf(specification: 'v2' | 'v3'): string {
  return `application/com.github.proto-openapi.spec.${specification}.v1.0+protobuf`;
}

/** 406, naming what there is. */
export function notAcceptable(supported: readonly string[]): StatusError {
  return new StatusError(
    'NotAcceptable',
    `only the following media types are accepted: ${supported.join(', ')}`,
  );
}

const orAny = (accept: string | undefined): string =>
  accept === undefined || accept.trim() === '' ? '*/*' : accept;
