import { isIP } from 'node:net';

/** A place on the network. */
export interface Address {
  /** A DNS name in lower case, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Reads `host:port`, an IPv6 address in brackets; undefined when it is something else. */
export function readAddress(text: string): Address | undefined {
  const [, bracketed, plain = '', digits = ''] =
    /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  const host = plain.toLowerCase();
  return isIP(host) === 4 || DNS_NAME.test(host) ? { host, port } : undefined;
}
