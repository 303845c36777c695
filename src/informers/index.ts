/**
 * What members hold, in memory: each kind that is asked for is listed and watched at every member
 * that serves it, stamped with our own resourceVersions and kept as bytes. Promises that a member's
 * objects never vanish because it does not answer, and that only true differences become changes.
 * May import members, bytes, api and kube.
 */
export { History, type Change } from './history.ts';
export { Informers, type InformersDependencies } from './informers.ts';
export { KindCache } from './kind-cache.ts';
export { KindInformer, type MemberFreshness } from './kind-informer.ts';
export { type ObjectSource, type Snapshot } from './object-source.ts';
export { compareObjects, objectKey, type StoredObject } from './stored-object.ts';
