/**
 * Who asks, and whether they may: authentication, authorization, and the certificates that
 * `flotilla up` makes for itself. Imports api, kube and members.
 */
export * from './authentication.ts';
export * from './authorization.ts';
