import { LRUCache } from 'lru-cache';
import type { Catalog, ServedResource } from '../catalog/index.ts';
import type {
  Informers,
  KindInformer,
  MemberFreshness,
  ObjectSource,
  Snapshot,
} from '../informers/index.ts';
import {
  resourceKey,
  StatusError,
  unknownPath,
  type GroupVersionResource,
  type VersionClock,
} from '../kube/index.ts';
import type { Fleet } from '../members/index.ts';
import { MergedNamespaces } from './merged-namespaces.ts';
import { Renderer } from './render.ts';
import type { Selection } from './selection.ts';
import type { View } from './view.ts';

export interface KindsDependencies {
  readonly fleet: Fleet;
  readonly catalog: Catalog;
  readonly informers: Informers;
  readonly clock: VersionClock;
}

/** One kind as one view shows it. */
export interface KindInView {
  readonly view: View;
  readonly resource: ServedResource;
  readonly informer: KindInformer;
  readonly renderer: Renderer;
  /** Namespaces follow sameness: one of each name, whichever clusters have it. */
  readonly isMerged: boolean;
  /** What lists and watches over the members that are selected, or over all, are served from. */
  source(selected?: Selected): ObjectSource;
}

/** Which members count, those that come later too. */
export type Selected = Pick<Selection, 'selects' | 'isRestricted'>;

/** Snapshots of lists that a client has not read to their end, by kind, source and version. */
const SNAPSHOTS = { max: 200, ttl: 5 * 60_000 };
/** Renderers and merges that nobody uses any more go with their informer. */
const PER_INFORMER = { max: 50 };

/** Finds kinds, and keeps what is made once for each. */
export class Kinds {
  readonly snapshots = new LRUCache<string, Snapshot>(SNAPSHOTS);
  readonly #deps: KindsDependencies;
  readonly #renderers = new WeakMap<KindInformer, Map<string, Renderer>>();
  readonly #merges = new WeakMap<KindInformer, LRUCache<string, MergedNamespaces>>();

  constructor(deps: KindsDependencies) {
    this.#deps = deps;
  }

  /** @throws NotFound when no member serves the kind */
  async find(gvr: GroupVersionResource): Promise<ServedResource> {
    const { catalog, fleet } = this.#deps;
    const known = catalog.find(gvr);
    if (known) return known;
    await catalog.refresh();
    const found = catalog.find(gvr);
    if (found) return found;
    const unknown = catalog.unknownMembers();
    if (unknown.length > 0 && unknown.length === fleet.members.length) {
      throw new StatusError(
        'ServiceUnavailable',
        `no cluster could be asked what it serves yet: ${unknown.join(', ')}`,
      );
    }
    throw unknownPath();
  }

  open(view: View, resource: ServedResource): KindInView {
    const informer = this.#deps.informers.open(resource, resource.kind);
    const isMerged = resource.group === '' && resource.resource === 'namespaces';
    return {
      view,
      resource,
      informer,
      isMerged,
      renderer: this.renderer(isMerged ? { ...view, naming: 'Plain' } : view, {
        informer,
        resource,
      }),
      source: (selected) =>
        isMerged ? this.#merge(informer, this.#mergedClusters(selected)) : informer.cache,
    };
  }

  /** A kind that is merged, as its members' own objects (`default@member1`). */
  openUnmerged(kind: KindInView): KindInView {
    return {
      ...kind,
      isMerged: false,
      renderer: this.renderer(kind.view, kind),
      source: () => kind.informer.cache,
    };
  }

  /** The renderer of a kind, or of its subresource, in a view. */
  renderer(
    view: View,
    { informer, resource }: { informer: KindInformer; resource: ServedResource },
  ): Renderer {
    let renderers = this.#renderers.get(informer);
    if (!renderers) this.#renderers.set(informer, (renderers = new Map<string, Renderer>()));
    let renderer = renderers.get(view.naming);
    if (!renderer) renderers.set(view.naming, (renderer = new Renderer(view, resource)));
    return renderer;
  }

  /** Members to merge; undefined: all, whichever they are. */
  #mergedClusters(selected: Selected | undefined): readonly string[] | undefined {
    if (!selected?.isRestricted) return undefined;
    return this.#deps.fleet.members
      .map(({ name }) => name)
      .filter((name) => selected.selects(name));
  }

  /** How current each selected member is, those included of which nothing is known yet. */
  freshness({ informer }: KindInView, { selects }: Pick<Selected, 'selects'>): MemberFreshness[] {
    const known = informer.clusters.filter(selects).map((cluster) => informer.freshness(cluster));
    return [...known, ...this.unknown({ selects })];
  }

  /** The selected members that have not told yet what they serve. */
  unknown({ selects }: Pick<Selected, 'selects'>): MemberFreshness[] {
    const { catalog, fleet } = this.#deps;
    return catalog
      .unknownMembers()
      .filter(selects)
      .map((cluster) => {
        const lastError = fleet.get(cluster)?.health.lastError;
        return { cluster, state: 'missing', ageMs: undefined, lastError };
      });
  }

  #merge(informer: KindInformer, clusters: readonly string[] | undefined): MergedNamespaces {
    const key = clusters?.join(',') ?? '*';
    let merges = this.#merges.get(informer);
    if (!merges) {
      merges = new LRUCache<string, MergedNamespaces>({
        ...PER_INFORMER,
        dispose: (merge) => {
          merge.retire();
        },
      });
      this.#merges.set(informer, merges);
    }
    let merge = merges.get(key);
    if (!merge) merges.set(key, (merge = new MergedNamespaces(informer.cache, clusters)));
    return merge;
  }

  readonly isMember = (name: string): boolean => this.#deps.fleet.get(name) !== undefined;

  snapshotKey(kind: KindInView, selected: Selected, version: bigint): string {
    const merged = kind.isMerged ? (this.#mergedClusters(selected)?.join(',') ?? '*') : '';
    return `${resourceKey(kind.resource)}|${merged}|${version}`;
  }
}
