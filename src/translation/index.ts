/**
 * What a client sends to a view, turned into what the member must get: tags of the view taken off,
 * names and versions made the member's own, in every form that a body can have; and a member's Status
 * told in the view's names. Owns no state and does no I/O; bodies without tags pass byte for byte.
 * May import kube and bytes.
 */
export * from './is-dry-run.ts';
export * from './read-create-target.ts';
export * from './read-review.ts';
export * from './status.ts';
export * from './translate-body.ts';
export * from './translation-target.ts';
