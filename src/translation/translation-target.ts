/** The member's object that a body is for. */
export interface TranslationTarget {
  /** The member. */
  readonly cluster: string;
  /** The plain name in the path; '' for a create. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** Of the resource, for messages. */
  readonly kind: string;
  readonly isMember: (name: string) => boolean;
  /**
   * The member's own resourceVersion for one of ours, for objects whose body doesn't carry the
   * annotation that names it; undefined when it is unknown or stale.
   */
  readonly memberVersion: (ours: string) => string | undefined;
}
