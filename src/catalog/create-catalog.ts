import {
  groupVersionText,
  resourceKey,
  StatusError,
  type GroupVersionResource,
} from '../kube/index.ts';
import type { Fleet } from '../members/index.ts';

import type { DocumentRequest, DocumentResponse } from './catalog-answer.ts';
import type { ApiEnablement, Catalog, CatalogFault, CatalogLog } from './catalog.ts';
import { CustomResources, type CustomColumn } from './custom-resources.ts';
import { DiscoveryDocuments, discoveryPlace, type DiscoveryPlace } from './discovery-documents.ts';
import type { DiscoveredGroup } from './discovery.ts';
import { MemberReaders, type Sleep } from './member-readers.ts';
import { mergeDiscovery, type MergedDiscovery } from './merge-discovery.ts';
import { OpenApi } from './openapi.ts';
import { openApiPlace } from './openapi-documents.ts';
import type { ServedResource } from './served-resource.ts';

/** How long a first answer may wait for the first member. */
const FIRST_ANSWER_MS = 3_000;

export interface CatalogDependencies {
  readonly fleet: Fleet;
  readonly log: CatalogLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Real timers unless given. */
  readonly sleep?: Sleep;
}

interface Merged extends MergedDiscovery {
  readonly documents: DiscoveryDocuments;
}

/** Makes the catalog of a fleet. It does nothing until it is started. */
export function createCatalog(dependencies: CatalogDependencies): Catalog {
  return new FleetCatalog(dependencies);
}

class FleetCatalog implements Catalog {
  readonly #readers: MemberReaders;
  readonly #customResources: CustomResources;
  readonly #openApi: OpenApi;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #merged: Merged | undefined;
  #isTelling = false;
  #learning: Promise<void> | undefined;

  constructor({ fleet, log, now, sleep }: CatalogDependencies) {
    const { signal } = this.#stop;
    this.#readers = new MemberReaders({
      fleet,
      log,
      now,
      sleep,
      changed: () => {
        this.#changed();
      },
      wasRead: (member) => {
        void this.#openApi.update(member);
        void this.#learnCustomResources();
      },
    });
    this.#openApi = new OpenApi({ members: () => this.#readers.newestFirst, log, now, signal });
    this.#customResources = new CustomResources({
      signal,
      now,
      membersOf: (resource) => {
        const members = this.find(resource)?.members ?? [];
        const serving = this.#readers.newestFirst.map(({ member }) => member);
        return serving.filter(({ name }) => members.includes(name));
      },
    });
  }

  start(): void {
    this.#readers.start();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#readers.close();
    await this.#learning;
  }

  find(resource: GroupVersionResource): ServedResource | undefined {
    return this.#current().served.get(resourceKey(resource));
  }

  list(): readonly ServedResource[] {
    return [...this.#current().served.values()];
  }

  async refresh(): Promise<void> {
    await this.#readers.refresh();
  }

  async ready(deadlineMs: number): Promise<void> {
    await this.#readers.ready(deadlineMs);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async customColumns(
    resource: GroupVersionResource,
  ): Promise<readonly CustomColumn[] | undefined> {
    return (await this.#customResources.find(resource))?.columns;
  }

  async selectableFields(resource: GroupVersionResource): Promise<readonly string[]> {
    return (await this.#customResources.find(resource))?.selectableFields ?? [];
  }

  unknownMembers(): readonly string[] {
    return this.#readers.all.filter(({ discovery }) => !discovery).map(({ member }) => member.name);
  }

  faults(): readonly CatalogFault[] {
    return this.#readers.all.flatMap(({ member, fault }) =>
      fault === undefined ? [] : [{ cluster: member.name, message: fault }],
    );
  }

  apiEnablements(cluster: string): readonly ApiEnablement[] | undefined {
    const reader = this.#readers.all.find(({ member }) => member.name === cluster);
    return reader?.discovery && toEnablements(reader.discovery.groups);
  }

  async document(request: DocumentRequest): Promise<DocumentResponse | undefined> {
    const discovery = discoveryPlace(request.path);
    if (discovery) return this.#answerDiscovery(discovery, request);
    const openApi = openApiPlace(request.path);
    if (!openApi) return undefined;
    await this.#firstRead();
    return this.#openApi.answer(openApi, request);
  }

  async #answerDiscovery(
    place: DiscoveryPlace,
    request: DocumentRequest,
  ): Promise<DocumentResponse> {
    await this.#firstRead();
    await this.#readers.glance();
    if (!this.#current().documents.has(place)) await this.#readers.refresh();
    return withWarnings(this.#current().documents.answer(place, request), this.faults());
  }

  /** An empty answer would be remembered for hours by kubectl: better none until one member was read. */
  async #firstRead(): Promise<void> {
    if (this.#isUnread()) await this.#readers.ready(FIRST_ANSWER_MS);
    if (this.#isUnread()) {
      const names = this.unknownMembers().join(', ');
      throw new StatusError(
        'ServiceUnavailable',
        `no cluster has told yet what it serves: ${names}; see \`kubectl get clusters\` in context flotilla for why`,
      );
    }
  }

  async #learnCustomResources(): Promise<void> {
    this.#learning ??= this.#customResources.learn(this.list()).finally(() => {
      this.#learning = undefined;
    });
    await this.#learning;
  }

  #isUnread(): boolean {
    const { all } = this.#readers;
    return all.length > 0 && all.every(({ discovery }) => !discovery);
  }

  #current(): Merged {
    if (!this.#merged) {
      const discovery = mergeDiscovery(
        this.#readers.all.flatMap((reader) => reader.discovery ?? []),
      );
      this.#merged = { ...discovery, documents: new DiscoveryDocuments(discovery.groups) };
    }
    return this.#merged;
  }

  /** Many members change at once: merged when next asked for, told once. */
  #changed(): void {
    this.#merged = undefined;
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

function withWarnings(
  response: DocumentResponse,
  faults: readonly CatalogFault[],
): DocumentResponse {
  if (faults.length === 0) return response;
  const names = faults.map(({ cluster }) => cluster).join(', ');
  const text = `what ${names} serves can't be read now, what was last known is shown`;
  return { ...response, headers: { ...response.headers, warning: `299 - "${text}"` } };
}

function toEnablements(groups: readonly DiscoveredGroup[]): ApiEnablement[] {
  return groups
    .flatMap(({ name, versions }) =>
      versions.map(({ version, resources }) => ({
        groupVersion: groupVersionText({ group: name, version }),
        resources: resources
          .filter(({ responseKind }) => responseKind.kind !== '')
          .map(({ resource, responseKind }) => ({ name: resource, kind: responseKind.kind }))
          .sort(byText(({ name: text }) => text)),
      })),
    )
    .sort(byText(({ groupVersion }) => groupVersion));
}

function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}
