/**
 * One request, one member: takes a request as it is to one member and brings its answer back as it is,
 * streams and upgrades included. Promises that no byte is changed, that neither side is read faster
 * than the other takes it, and that who asks is never told to a member by the client's own headers.
 * Imports `members` and `kube`.
 */
export { isLongRunning } from './is-long-running.ts';
export { proxyRequest, type ProxyRequestOptions } from './proxy-request.ts';
export { proxyUpgrade, type ProxyUpgradeOptions } from './proxy-upgrade.ts';
