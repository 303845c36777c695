import { StatusError, memberUnavailable } from '../kube/index.ts';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused; check that its API server runs and `server` is right',
  ENOTFOUND: 'the host name is not known; check `server` in the kubeconfig, and DNS',
  EAI_AGAIN: 'the host name could not be looked up; check DNS',
  EHOSTUNREACH: 'there is no route to the host; check the network or VPN',
  ENETUNREACH: 'there is no route to the network; check the network or VPN',
  ETIMEDOUT: 'the connection timed out; check the network or VPN',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out; check the network or VPN',
  ECONNRESET: 'the connection was closed before the answer was complete; try again',
  EPIPE: 'the connection was closed before the request was sent; try again',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete; try again',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer ended before its announced length; try again',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it on the cluster',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check both clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another host; check `server` or set `tls-server-name`',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; check the scheme and port of `server`',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; check the scheme and port of `server`',
};

const UNTRUSTED =
  'its certificate is not signed by the authority in the kubeconfig; check `certificate-authority`';
const GARBAGE = 'it does not speak HTTP; check the scheme and port of `server`';

/** Names what went wrong on the way to a member, and what to do next. */
function failureText(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const advice = ADVICE[code];
  if (advice !== undefined) return advice;
  if (/^(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_/.test(code)) return UNTRUSTED;
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') return GARBAGE;
  if (/^ERR_(?:SSL|TLS|OSSL)/.test(code)) return `the TLS handshake failed (${error.message})`;
  return error.message;
}

/** An error's first cause that says more than its wrapper does. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  return error;
}

/** Anything thrown on the way to a member, as the StatusError that names the member. */
export function describeFailure(cluster: string, thrown: unknown): StatusError {
  if (thrown instanceof StatusError) return thrown;
  if (!(thrown instanceof Error)) return memberUnavailable(cluster, String(thrown), thrown);
  const error = innermost(thrown);
  if ('code' in error && error.code === 'UND_ERR_BODY_TIMEOUT') {
    return new StatusError(
      'Timeout',
      `cluster ${cluster}: the answer stopped half-way; try again`,
      {
        cause: error,
      },
    );
  }
  return memberUnavailable(cluster, failureText(error), error);
}

/** 504: the member did not answer in time. */
export function deadlineExceeded(cluster: string, timeoutMs: number): StatusError {
  return new StatusError(
    'Timeout',
    `cluster ${cluster}: no answer within ${timeoutMs} ms; check the cluster's load and the network`,
    { details: { name: cluster, group: 'cluster.karmada.io', kind: 'clusters' } },
  );
}

/** The caller gave up, which is no verdict on the member. */
export function abandoned(cluster: string, reason: unknown): StatusError {
  return memberUnavailable(cluster, 'the request was abandoned by its caller', reason);
}
