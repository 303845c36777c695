import { resourceKey, resourcePath, type GroupVersionResource } from '../kube/index.ts';
import type { Member } from '../members/index.ts';

import { raceTimeout } from './race-timeout.ts';
import { asFields, asName, asObjects, asText, parseFields, type Fields } from './untrusted.ts';

/** A column that a CRD adds to its Tables, as the CRD writes it. */
export interface CustomColumn {
  readonly name: string;
  /** `string`, `integer`, `number`, `boolean` or `date`. */
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, higher ones by `-o wide`. */
  readonly priority?: number;
  readonly jsonPath: string;
}

/** What a CRD says of one version beyond discovery. */
export interface CustomResource {
  readonly columns: readonly CustomColumn[];
  /** JSON paths without the leading dot. */
  readonly selectableFields: readonly string[];
}

/** A CRD as last read is good for this long. */
const FRESH_MS = 5_000;
const FIRST_READ_TIMEOUT_MS = 3_000;
/** Known content is not held back for longer than this to see whether it has changed. */
const REREAD_TIMEOUT_MS = 500;

/** Groups that are compiled into every kube-apiserver: no CRD may define kinds there. */
const BUILT_IN = new Set([
  ...['', 'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'apps'],
  ...[
    'authentication.k8s.io',
    'authorization.k8s.io',
    'autoscaling',
    'batch',
    'certificates.k8s.io',
  ],
  ...['coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'extensions'],
  ...['flowcontrol.apiserver.k8s.io', 'internal.apiserver.k8s.io', 'metrics.k8s.io'],
  ...['networking.k8s.io', 'node.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'resource.k8s.io'],
  ...['scheduling.k8s.io', 'storage.k8s.io', 'storagemigration.k8s.io'],
]);

const CRDS = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
};

interface Entry {
  /** Undefined when there is no such CRD. */
  content: CustomResource | undefined;
  wasRead: boolean;
  readMs: number;
  from: string | undefined;
  running: { readonly startedMs: number; readonly done: Promise<void> } | undefined;
}

export interface CustomResourcesDependencies {
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** The members that serve a kind, the newest first: it is the one to ask for the CRD. */
  readonly membersOf: (resource: GroupVersionResource) => readonly Member[];
}

/** Remembers what the newest member's CRDs say of columns and selectable fields. */
export class CustomResources {
  readonly #deps: CustomResourcesDependencies;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: CustomResourcesDependencies) {
    this.#deps = deps;
  }

  /**
   * Undefined for a kind without a CRD, or whose CRD was never read. Waits for the member only
   * while it is alive: 3 s for what is not known yet, half a second for news. Never rejects.
   */
  async find(resource: GroupVersionResource): Promise<CustomResource | undefined> {
    if (BUILT_IN.has(resource.group)) return undefined;
    const members = this.#deps.membersOf(resource);
    const entry = this.#entry(resource, members.length > 0);
    const member = toAsk(entry, members);
    if (member && (entry.from !== member.name || this.#isOld(entry))) {
      const nowMs = this.#deps.now();
      entry.running ??= { startedMs: nowMs, done: this.#read(entry, member, resource) };
      const patienceMs = entry.wasRead ? REREAD_TIMEOUT_MS : FIRST_READ_TIMEOUT_MS;
      await raceTimeout(entry.running.done, patienceMs - (nowMs - entry.running.startedMs));
    }
    return entry.content;
  }

  /** Reads the CRDs that were never read, one by one, so that they are known when their members die. Never rejects. */
  async learn(resources: readonly GroupVersionResource[]): Promise<void> {
    for (const resource of resources) {
      if (this.#deps.signal.aborted) return;
      if (!this.#entries.get(resourceKey(resource))?.wasRead) await this.find(resource);
    }
  }

  #entry(resource: GroupVersionResource, isServed: boolean): Entry {
    const key = resourceKey(resource);
    const known = this.#entries.get(key);
    if (known) return known;
    const entry = {
      content: undefined,
      wasRead: false,
      readMs: -Infinity,
      from: undefined,
      running: undefined,
    };
    // Only kinds that are served are remembered: names in requests are the client's to choose.
    if (isServed) this.#entries.set(key, entry);
    return entry;
  }

  #isOld(entry: Entry): boolean {
    return this.#deps.now() - entry.readMs > FRESH_MS;
  }

  async #read(entry: Entry, member: Member, resource: GroupVersionResource): Promise<void> {
    try {
      const { statusCode, body } = await member.fetch({
        method: 'GET',
        path: resourcePath(CRDS, { name: `${resource.resource}.${resource.group}` }),
        headers: { accept: 'application/json' },
        timeoutMs: FIRST_READ_TIMEOUT_MS,
        signal: this.#deps.signal,
      });
      if (statusCode === 404) entry.content = undefined;
      else if (statusCode === 200)
        entry.content = readCrd(parseFields(body, 'CRD'), resource.version);
      else return;
      entry.wasRead = true;
      entry.from = member.name;
    } catch {
      // What was known stays; the member's health and discovery say what is wrong with it.
    } finally {
      entry.readMs = this.#deps.now();
      entry.running = undefined;
    }
  }
}

/** The newest member; while it is down and has told nothing yet, the newest that is alive. */
function toAsk(entry: Entry, members: readonly Member[]): Member | undefined {
  const [newest] = members;
  if (newest?.health.isAlive === true) return newest;
  return entry.wasRead ? undefined : members.find(({ health }) => health.isAlive);
}

function readCrd(crd: Fields, version: string): CustomResource | undefined {
  const versions = asObjects(asFields(crd['spec'], 'spec')['versions'], 'versions');
  const found = versions.find(({ name }) => name === version);
  if (!found) return undefined;
  const selectable = asObjects(found['selectableFields'], 'selectableFields');
  return {
    columns: asObjects(found['additionalPrinterColumns'], 'columns').map(readColumn),
    selectableFields: selectable.map((field) =>
      asName(field['jsonPath'], 'jsonPath').replace(/^\./, ''),
    ),
  };
}

function readColumn(column: Fields): CustomColumn {
  const format = asText(column['format'], 'format');
  const description = asText(column['description'], 'description');
  return {
    name: asText(column['name'], 'name'),
    type: asText(column['type'], 'type'),
    ...(format !== '' && { format }),
    ...(description !== '' && { description }),
    priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
    jsonPath: asText(column['jsonPath'], 'jsonPath'),
  };
}
