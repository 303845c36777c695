import type { GroupVersionResource } from '../kube/index.ts';

import type { DocumentRequest, DocumentResponse } from './catalog-answer.ts';
import type { CustomColumn } from './custom-resources.ts';
import type { ServedResource } from './served-resource.ts';

/** The part of a logger that this room uses; pino's has it. */
export interface CatalogLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A group version that a member serves, as Karmada's Cluster status lists it. */
export interface ApiEnablement {
  readonly groupVersion: string;
  /** By name, without subresources. */
  readonly resources: readonly { readonly name: string; readonly kind: string }[];
}

/** A member whose discovery could not be used: what is known of it may be old. */
export interface CatalogFault {
  readonly cluster: string;
  readonly message: string;
}

/** What kinds the fleet serves, and the documents that tell it. Remembers what members said when they are gone. */
export interface Catalog {
  /** Begins to read members: at once, every ten seconds, and when one comes alive. */
  start(): void;
  /** Stops reading; resolves when nothing runs any more. */
  close(): Promise<void>;

  /** From memory. */
  find(resource: GroupVersionResource): ServedResource | undefined;
  /** All that is served, from memory. */
  list(): readonly ServedResource[];
  /**
   * Asks the members that answer at once, for a kind that `find` did not know. Shared by concurrent
   * callers, one round a second. Never rejects; a member that does not answer costs at most 3 s, once.
   */
  refresh(): Promise<void>;
  /** Resolves when every live member has been read once, or after the deadline. */
  ready(deadlineMs: number): Promise<void>;
  /**
   * Called after what is served has changed.
   * @returns what ends it
   */
  onChange(listener: () => void): () => void;

  /**
   * The additionalPrinterColumns of a custom resource, from the newest member's CRD object, remembered
   * when the member dies. Undefined for other kinds, and while the CRD was never read. Never rejects.
   */
  customColumns(resource: GroupVersionResource): Promise<readonly CustomColumn[] | undefined>;
  /** The JSON paths (`spec.size`) that a custom resource can be selected by; none for other kinds. Never rejects. */
  selectableFields(resource: GroupVersionResource): Promise<readonly string[]>;

  /** Members whose discovery was never read since our start, by name. */
  unknownMembers(): readonly string[];
  /** Members that answer discovery with what is of no use, by name. */
  faults(): readonly CatalogFault[];
  /** What one member serves, from memory; undefined while it was never read. */
  apiEnablements(cluster: string): readonly ApiEnablement[] | undefined;

  /**
   * Answers the discovery and OpenAPI documents below a view's prefix: `/api`, `/api/v1`, `/apis`,
   * `/apis/GROUP`, `/apis/GROUP/VERSION`, `/openapi/v2`, `/openapi/v3` and below; undefined for any
   * other path. From memory, after asking the members for news for half a second at most.
   * @throws NotFound, NotAcceptable; ServiceUnavailable while no member was ever read; BadRequest for
   *   a malformed path
   */
  document(request: DocumentRequest): Promise<DocumentResponse | undefined>;
}
