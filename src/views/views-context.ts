import type { Logger } from 'pino';
import type { Catalog } from '../catalog/index.ts';
import type { Informers } from '../informers/index.ts';
import { includeObject, resourcePath, type Accepted, type VersionClock } from '../kube/index.ts';
import type { Fleet } from '../members/index.ts';
import { builtInPrinter, customPrinter, defaultPrinter, type Printer } from '../printers/index.ts';
import { metadataEncoder, objectEncoder, type Encoder } from './encoder.ts';
import { Kinds, type KindInView } from './kinds.ts';
import { tableEncoder } from './table-encoder.ts';
import type { ResourceAsk } from './view-request.ts';

export interface ViewsDependencies {
  readonly fleet: Fleet;
  readonly catalog: Catalog;
  readonly informers: Informers;
  readonly clock: VersionClock;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a member may take for what must be live. */
  readonly deadlineMs: number;
}

/** What every part of a view's answers stands on. */
export class ViewsContext {
  readonly fleet: Fleet;
  readonly catalog: Catalog;
  readonly clock: VersionClock;
  readonly log: Logger;
  readonly now: () => number;
  readonly deadlineMs: number;
  readonly kinds: Kinds;

  constructor(deps: ViewsDependencies) {
    this.fleet = deps.fleet;
    this.catalog = deps.catalog;
    this.clock = deps.clock;
    this.log = deps.log;
    this.now = deps.now;
    this.deadlineMs = deps.deadlineMs;
    this.kinds = new Kinds(deps);
  }

  /** The encoder of the representation that the client has chosen. */
  async encoder(kind: KindInView, accepted: Accepted, query: URLSearchParams): Promise<Encoder> {
    const include = includeObject(query);
    if (accepted.as === 'Object') return objectEncoder(kind);
    if (accepted.as === 'PartialObjectMetadata') return metadataEncoder(kind, accepted.version);
    const printer = await this.#printer(kind);
    return tableEncoder(kind, {
      printer,
      version: accepted.version,
      includeObject: include,
      now: this.now,
    });
  }

  async #printer({ resource }: KindInView): Promise<Printer> {
    const columns = await this.catalog.customColumns(resource);
    if (columns) return customPrinter(columns);
    return (
      builtInPrinter(resource.group, resource.version, resource.resource, resource.minor) ??
      defaultPrinter
    );
  }

  /** The path of an object at its member, with the client's query. */
  memberPath({ info, resource, query }: ResourceAsk, name: string): string {
    const place = {
      namespace: resource.namespaced ? info.namespace : '',
      name,
      subresource: info.subresource,
    };
    const text = query.toString();
    return `${resourcePath(resource, place)}${info.rest}${text === '' ? '' : `?${text}`}`;
  }
}
