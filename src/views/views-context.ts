import type { Logger } from 'pino';
import type { Catalog, CustomColumn, ServedResource } from '../catalog/index.ts';
import type { Informers } from '../informers/index.ts';
import {
  includeObject,
  resourceKey,
  resourcePath,
  type Accepted,
  type VersionClock,
} from '../kube/index.ts';
import type { Fleet } from '../members/index.ts';
import { builtInPrinter, customPrinter, defaultPrinter, type Printer } from '../printers/index.ts';
import { metadataEncoder, objectEncoder, type Encoder } from './encoder.ts';
import { Kinds, type KindInView } from './kinds.ts';
import { tableEncoder } from './table-encoder.ts';
import { namespaceOf, type ResourceAsk } from './view-request.ts';

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
  readonly #builtIn = new Map<string, Printer | undefined>();
  readonly #custom = new WeakMap<readonly CustomColumn[], Printer>();

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
    if (accepted.as === 'Object') return objectEncoder(kind);
    if (accepted.as === 'PartialObjectMetadata') return metadataEncoder(kind, accepted.version);
    const printer = (await this.printer(kind.resource)) ?? defaultPrinter;
    return tableEncoder(kind, {
      printer,
      version: accepted.version,
      includeObject: includeObject(query),
      now: this.now,
    });
  }

  /** What prints a kind here; undefined when only its members know how (an aggregated API's kind). */
  async printer(resource: ServedResource): Promise<Printer | undefined> {
    const columns = await this.catalog.customColumns(resource);
    if (columns) return this.#customPrinter(columns);
    const key = `${resourceKey(resource)} ${resource.minor}`;
    if (!this.#builtIn.has(key)) {
      const { group, version, resource: plural, minor } = resource;
      this.#builtIn.set(key, builtInPrinter(group, version, plural, minor));
    }
    return this.#builtIn.get(key);
  }

  #customPrinter(columns: readonly CustomColumn[]): Printer {
    let printer = this.#custom.get(columns);
    if (!printer) this.#custom.set(columns, (printer = customPrinter(columns)));
    return printer;
  }

  /** The path of an object at its member, with the client's query. */
  memberPath(ask: ResourceAsk, name: string): string {
    const { info, resource, query } = ask;
    const place = {
      namespace: namespaceOf(ask),
      name,
      subresource: info.subresource,
    };
    const text = query.toString();
    return `${resourcePath(resource, place)}${info.rest}${text === '' ? '' : `?${text}`}`;
  }
}
