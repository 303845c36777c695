import { X509Certificate } from 'node:crypto';
import { StatusError } from '../kube/index.ts';

/** How the host's aggregator tells us who asks. */
export interface RequestHeaderRules {
  /** Whose certificates the aggregator shows; PEM, one certificate each. */
  readonly authorities: readonly string[];
  /** Common names that the certificate may carry; empty for any. */
  readonly allowedNames: readonly string[];
  /** Header names, all in lower case. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** What the host publishes for the API servers behind it. */
export interface HostAuthentication {
  /** Whose client certificates the host believes; PEM, one certificate each. */
  readonly clientAuthorities: readonly string[];
  /** Undefined when the host has no aggregator. */
  readonly requestHeader: RequestHeaderRules | undefined;
}

export const NO_HOST_AUTHENTICATION: HostAuthentication = {
  clientAuthorities: [],
  requestHeader: undefined,
};

type Data = Readonly<Record<string, string | undefined>>;

/**
 * Reads the data of ConfigMap kube-system/extension-apiserver-authentication. A part that is missing
 * or broken stays as it was before.
 * @param onFault - told what is broken
 */
export function readHostAuthentication(
  data: Data,
  before: HostAuthentication,
  onFault: (error: StatusError) => void,
): HostAuthentication {
  const keep = <T>(read: () => T | undefined, last: T): T => {
    try {
      return read() ?? last;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      onFault(error);
      return last;
    }
  };
  return {
    clientAuthorities: keep(() => certificates(data, 'client-ca-file'), before.clientAuthorities),
    requestHeader: keep(() => requestHeaderRules(data), before.requestHeader),
  };
}

function requestHeaderRules(data: Data): RequestHeaderRules | undefined {
  const authorities = certificates(data, 'requestheader-client-ca-file');
  if (!authorities) return undefined;
  const headers = (key: string): string[] =>
    names(data, key).map((name) => name.trim().toLowerCase());
  return {
    authorities,
    allowedNames: names(data, 'requestheader-allowed-names'),
    usernameHeaders: headers('requestheader-username-headers'),
    // Hosts before 1.33 don't have it.
    uidHeaders: headers('requestheader-uid-headers'),
    groupHeaders: headers('requestheader-group-headers'),
    extraHeaderPrefixes: headers('requestheader-extra-headers-prefix'),
  };
}

function names(data: Data, key: string): string[] {
  const text = data[key];
  if (text === undefined || text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw broken(key, 'is not a list of names');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificates(data: Data, key: string): string[] | undefined {
  const text = data[key];
  if (text === undefined || text.trim() === '') return undefined;
  const pems = text.match(CERTIFICATE) ?? [];
  if (pems.length === 0) throw broken(key, 'holds no certificate');
  for (const pem of pems) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw broken(key, 'holds a certificate that can not be read', cause);
    }
  }
  return pems.map((pem) => `${pem}\n`);
}

function broken(key: string, fault: string, cause?: unknown): StatusError {
  return new StatusError('Invalid', `extension-apiserver-authentication: ${key} ${fault}`, {
    cause,
  });
}
