import { hostname, networkInterfaces } from 'node:os';

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** DNS names and addresses that a serving certificate must cover for a listen address. */
export function servingNames(listenAddress: string): string[] {
  const reachable = ANY_ADDRESS.has(listenAddress) ? interfaceAddresses() : [listenAddress];
  const names = ['localhost', '127.0.0.1', '::1', hostname().toLowerCase(), ...reachable];
  return [...new Set([...names, '*.member.flotilla', '*.view.flotilla'])];
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address }) => !address.startsWith('fe80'))
    .map(({ address }) => address);
}
