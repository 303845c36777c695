/**
 * Who asks, and whether they may: authentication, authorization, and the certificates that
 * `flotilla up` makes for itself. Imports api, kube and members.
 */
export * from './authentication.ts';
export * from './authorization.ts';
export {
  certificateUser,
  clientCertificateAuthenticator,
  peerCertificate,
  verifyClientCertificate,
} from './client-certificate.ts';
export type { KeyPair } from './issue-certificate.ts';
export { openOwnCertificates, type OwnCertificates } from './own-certificates.ts';
export { makePrivateDirectory, readIfThere, writePrivateFile } from './private-file.ts';
export { servingNames } from './serving-names.ts';
