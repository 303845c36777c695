import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unauthorized, type Authenticator, type User } from './authentication.ts';

export interface ClientCertificateOptions {
  /** The authorities whose certificates are believed, PEM; asked for each request, so that they can rotate. */
  readonly authorities: () => readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USAGE = '2.5.29.37.0';
/** Leaf, intermediates and authority. */
const MAX_CHAIN = 5;

/** The certificate that the client showed in the TLS handshake; undefined for none. */
export function peerCertificate({ socket }: IncomingMessage): X509Certificate | undefined {
  const tls = socket as Partial<TLSSocket>;
  return typeof tls.getPeerX509Certificate === 'function'
    ? tls.getPeerX509Certificate()
    : undefined;
}

/** Says whether a client's certificate leads to one of the authorities (PEM, one certificate each). */
export type ChainCheck = (
  req: IncomingMessage,
  certificate: X509Certificate,
  authorities: readonly string[],
) => boolean;

/** A chain is followed once a connection, and again when the authorities change or it has ended. */
export function chainCheck(now: () => number): ChainCheck {
  const verified = new WeakMap<object, { readonly trusted: string; readonly until: number }>();
  return (req, certificate, authorities) => {
    const trusted = authorities.join('');
    const known = verified.get(req.socket);
    if (known?.trusted === trusted && now() < known.until) return true;
    const roots = authorities.map((pem) => new X509Certificate(pem));
    const until = verifyClientCertificate(certificate, roots, now());
    if (until === undefined) return false;
    verified.set(req.socket, { trusted, until });
    return true;
  };
}

/** Users by client certificate: the common name is the user, the organisations are its groups. */
export function clientCertificateAuthenticator({
  authorities,
  now,
}: ClientCertificateOptions): Authenticator {
  const isTrusted = chainCheck(now);
  return {
    authenticate: (req) => {
      const certificate = peerCertificate(req);
      const user = certificate && certificateUser(certificate);
      if (!user) return Promise.resolve(undefined);
      try {
        if (!isTrusted(req, certificate, authorities())) return Promise.reject(unauthorized());
      } catch (cause) {
        return Promise.reject(unauthorized(cause));
      }
      return Promise.resolve(user);
    },
  };
}

/** undefined when the certificate names nobody. */
export function certificateUser(certificate: X509Certificate): User | undefined {
  const { CN, O } = certificate.toLegacyObject().subject as Record<
    string,
    string | string[] | undefined
  >;
  const name = listOf(CN).at(-1) ?? '';
  return name === '' ? undefined : { name, groups: listOf(O), uid: '', extra: {} };
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * Follows the certificate's issuers, intermediates of the handshake included, to one of the roots.
 * @returns until when the chain is valid (milliseconds since the epoch); undefined when it is not
 */
export function verifyClientCertificate(
  leaf: X509Certificate,
  roots: readonly X509Certificate[],
  now: number,
): number | undefined {
  if (!mayAuthenticateClients(leaf)) return undefined;
  let until = Infinity;
  let current: X509Certificate | undefined = leaf;
  for (let depth = 0; current && depth < MAX_CHAIN; depth += 1) {
    if (!isWithinDates(current, now) || (depth > 0 && !current.ca)) return undefined;
    until = Math.min(until, current.validToDate.getTime());
    const root = roots.find((candidate) => isIssuer(candidate, current));
    if (root) {
      return isWithinDates(root, now) ? Math.min(until, root.validToDate.getTime()) : undefined;
    }
    const issuer: X509Certificate | undefined = current.issuerCertificate;
    current = issuer && isIssuer(issuer, current) ? issuer : undefined;
  }
  return undefined;
}

/** A certificate without a list of usages may be used for anything. */
function mayAuthenticateClients({ keyUsage }: X509Certificate): boolean {
  // Absent for a certificate that has no such list, whatever the type says.
  const usages = keyUsage as readonly string[] | undefined;
  return usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_USAGE);
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate | undefined): boolean {
  return (
    certificate !== undefined &&
    issuer.ca &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey)
  );
}

function isWithinDates({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now < validToDate.getTime();
}
