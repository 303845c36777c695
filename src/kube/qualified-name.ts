/** A name in a view: an object's own name and, when it is qualified, the member that holds it. */
export interface QualifiedName {
  readonly name: string;
  /** '' for a plain name. */
  readonly cluster: string;
}

export function qualify(name: string, cluster: string): string {
  return `${name}@${cluster}`;
}

/**
 * Splits `NAME@CLUSTER` at its last `@`, and only where the suffix is a member: names of some kinds
 * (RBAC) may hold an `@` of their own.
 */
export function splitName(text: string, isMember: (name: string) => boolean): QualifiedName {
  const at = text.lastIndexOf('@');
  if (at <= 0) return { name: text, cluster: '' };
  const cluster = text.slice(at + 1);
  return isMember(cluster) ? { name: text.slice(0, at), cluster } : { name: text, cluster: '' };
}
