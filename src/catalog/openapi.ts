import type { Member } from '../members/index.ts';

import type { DocumentRequest, DocumentResponse } from './catalog-answer.ts';
import type { CatalogLog } from './catalog.ts';
import type { MemberReader } from './member-reader.ts';
import { OpenApiContents, v2Id } from './openapi-contents.ts';
import { OpenApiDocuments, type OpenApiPlace } from './openapi-documents.ts';
import { OpenApiReader } from './openapi-reader.ts';
import { raceTimeout } from './race-timeout.ts';

const ROUND_MS = 1_000;
const GLANCE_MS = 500;

export interface OpenApiDependencies {
  /** Readers of all members, newest first. */
  readonly members: () => readonly MemberReader[];
  readonly log: CatalogLog;
  readonly now: () => number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** The fleet's OpenAPI documents: who has which, and what they say. */
export class OpenApi {
  readonly #deps: OpenApiDependencies;
  readonly #contents = new OpenApiContents();
  readonly #readers = new WeakMap<Member, OpenApiReader>();
  readonly #documents: OpenApiDocuments;
  #lastRoundMs = -Infinity;

  constructor(deps: OpenApiDependencies) {
    this.#deps = deps;
    this.#documents = new OpenApiDocuments({
      readers: () => this.#all(),
      contents: this.#contents,
      now: deps.now,
    });
  }

  /** Reads a member's index, and in the background what it lists. Never rejects. */
  async update(member: Member): Promise<void> {
    if (this.#deps.signal.aborted) return;
    await this.#all()
      .find((reader) => reader.member === member)
      ?.update();
    this.#forgetUnused();
  }

  /** @throws as `OpenApiDocuments.answer` */
  async answer(place: OpenApiPlace, request: DocumentRequest): Promise<DocumentResponse> {
    const isNew = place.document === 'v3 part' && !this.#has(place.part);
    if (place.document === 'v3' || isNew) await this.#glance();
    return this.#documents.answer(place, request);
  }

  /** kubectl reads the index anew at each command, so that a new kind can be explained at once. */
  async #glance(): Promise<void> {
    const nowMs = this.#deps.now();
    if (nowMs - this.#lastRoundMs < ROUND_MS) return;
    this.#lastRoundMs = nowMs;
    const asked = this.#all()
      .filter(({ member }) => member.health.isAlive)
      .map((reader) => ({
        isPunctual: reader.isPunctual(GLANCE_MS),
        read: reader.update(),
      }));
    const awaited = asked.filter(({ isPunctual }) => isPunctual).map(async ({ read }) => read);
    await raceTimeout(Promise.all(awaited), GLANCE_MS);
  }

  #has(part: string): boolean {
    return this.#all().some((reader) => reader.places.has(part));
  }

  #all(): OpenApiReader[] {
    return this.#deps.members().map((member) => this.#readerOf(member));
  }

  #readerOf(reader: MemberReader): OpenApiReader {
    const { member } = reader;
    const known = this.#readers.get(member);
    if (known) return known;
    const { log, now } = this.#deps;
    const made = new OpenApiReader({
      member,
      contents: this.#contents,
      log,
      now,
      isServed: (place) => isServed(reader, place),
      signal: this.#deps.signal,
    });
    this.#readers.set(member, made);
    return made;
  }

  #forgetUnused(): void {
    const used = new Set<string>();
    for (const reader of this.#all()) {
      if (reader.v2 !== undefined) {
        used.add(v2Id(reader.v2, 'json')).add(v2Id(reader.v2, 'protobuf'));
      }
      for (const place of reader.places) {
        const digest = reader.held(place);
        if (digest !== undefined) used.add(digest).add(`v3 protobuf ${digest}`);
      }
    }
    this.#contents.retain(used);
  }
}

/** Whether a member's discovery has the group version that a document's place (`apis/apps/v1`) names. */
function isServed({ discovery }: MemberReader, place: string): boolean {
  const [root, first = '', second] = place.split('/');
  const group = root === 'apis' ? first : '';
  const version = root === 'apis' ? second : first;
  const found = discovery?.groups.find(({ name }) => name === group);
  if (!found || (root !== 'apis' && root !== 'api')) return false;
  return version === undefined || found.versions.some((item) => item.version === version);
}
