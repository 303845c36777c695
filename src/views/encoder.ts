import type { StoredObject } from '../informers/index.ts';
import { groupVersionText, INITIAL_EVENTS_END_ANNOTATION } from '../kube/index.ts';
import type { KindInView } from './kinds.ts';
import type { ListPage } from './list-page.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One representation of a kind's objects: whole, metadata only, or as Table rows. */
export interface Encoder {
  /** The body of a list, in pieces to be written one after another. */
  list(page: ListPage): Iterable<Buffer>;
  one(object: StoredObject): Buffer;
  /** One line of a watch. */
  event(type: EventType, object: StoredObject): Buffer;
  bookmark(version: bigint, endsInitialEvents: boolean): Buffer;
}

/** The metadata of a list, as JSON text. */
export function listMetadata({ version, continueToken, remaining }: ListPage): string {
  return JSON.stringify({
    resourceVersion: String(version),
    ...(continueToken !== '' && { continue: continueToken }),
    ...(remaining !== undefined && { remainingItemCount: remaining }),
  });
}

/** The metadata of a bookmark. */
export function bookmarkMetadata(
  version: bigint,
  endsInitialEvents: boolean,
): Record<string, unknown> {
  return {
    resourceVersion: String(version),
    ...(endsInitialEvents && { annotations: { [INITIAL_EVENTS_END_ANNOTATION]: 'true' } }),
  };
}

const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']}\n');
const FRAME_END = Buffer.from('}\n');
const NEWLINE = Buffer.from('\n');

const FRAME_START: Record<EventType, Buffer> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};

/** One line of a watch around an object's bytes. */
export function frame(type: EventType, object: Buffer): Buffer {
  return Buffer.concat([FRAME_START[type], object, FRAME_END]);
}

/** A bookmark line. */
export function bookmarkFrame(object: unknown): Buffer {
  return Buffer.from(`{"type":"BOOKMARK","object":${JSON.stringify(object)}}\n`);
}

/** Puts commas between a list's items. */
export function* joinList(head: string, items: Iterable<Buffer>): Iterable<Buffer> {
  yield Buffer.from(head);
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) yield COMMA;
    isFirst = false;
    yield item;
  }
  yield LIST_END;
}

/** Objects whole: bytes of the cache, nothing is parsed. */
export function objectEncoder({ resource, renderer }: KindInView): Encoder {
  const typeMeta = { kind: resource.kind, apiVersion: groupVersionText(resource) };
  return {
    list: (page) =>
      joinList(
        `{"kind":"${typeMeta.kind}List","apiVersion":"${typeMeta.apiVersion}","metadata":${listMetadata(page)},"items":[`,
        page.objects.values().map((object) => renderer.render(object).item),
      ),
    one: (object) => Buffer.concat([renderer.render(object).whole(), NEWLINE]),
    event: (type, object) => frame(type, renderer.render(object).whole()),
    bookmark: (version, ends) =>
      bookmarkFrame({ ...typeMeta, metadata: bookmarkMetadata(version, ends) }),
  };
}

/** PartialObjectMetadata: each object's metadata is a slice of its bytes. */
export function metadataEncoder({ renderer }: KindInView, version: string): Encoder {
  const typeMeta = { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}` };
  const whole = (object: StoredObject): Buffer =>
    metadataOnly(renderer.render(object).metadata(), version);
  return {
    list: (page) =>
      joinList(metadataListHead(listMetadata(page), version), page.objects.values().map(whole)),
    one: (object) => Buffer.concat([whole(object), NEWLINE]),
    event: (type, object) => frame(type, whole(object)),
    bookmark: (rv, ends) => bookmarkFrame({ ...typeMeta, metadata: bookmarkMetadata(rv, ends) }),
  };
}

/** A PartialObjectMetadata of an object's metadata. */
export function metadataOnly(metadata: Buffer, version: string): Buffer {
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`;
  return Buffer.concat([Buffer.from(head), metadata, Buffer.from('}')]);
}

/** How a list of them begins. */
export function metadataListHead(metadata: string, version: string): string {
  return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"items":[`;
}
