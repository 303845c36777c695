/**
 * Who asks, and whether they may: authentication, authorization, the certificates that we make for
 * ourselves, and what a host lends us of its own users and rights. Imports api, kube and members.
 */
export { accessReviewAuthorizer } from './access-review.ts';
export * from './authentication.ts';
export * from './authorization.ts';
export {
  certificateUser,
  clientCertificateAuthenticator,
  peerCertificate,
  verifyClientCertificate,
} from './client-certificate.ts';
export { followHostAuthentication, type FollowedHost } from './follow-host-authentication.ts';
export type { HostAuthentication, RequestHeaderRules } from './host-authentication.ts';
export { callHost, callHostPatiently, type Host, type HostCall } from './host.ts';
export type { KeyPair } from './issue-certificate.ts';
export { openOwnCertificates, type OwnCertificates } from './own-certificates.ts';
export { makePrivateDirectory, readIfThere, writePrivateFile } from './private-file.ts';
export { requestHeaderAuthenticator } from './request-header.ts';
export { servingNames } from './serving-names.ts';
export { BEARER_PROTOCOL, bearerToken, tokenReviewAuthenticator } from './token-review.ts';
