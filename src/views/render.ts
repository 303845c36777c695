import { compileRules, inOwnMemory, sliceAt, type Rewriter, type Rule } from '../bytes/index.ts';
import type { StoredObject } from '../informers/index.ts';
import {
  CACHED_FROM_ANNOTATION,
  CLUSTER_LABEL,
  MEMBER_VERSION_ANNOTATION,
  groupVersionText,
  qualify,
  referencesOf,
  type Reference,
} from '../kube/index.ts';
import type { View } from './view.ts';

/** What a tag says of one version of an object. */
export interface Tag {
  readonly cluster: string;
  /** Our resourceVersion. */
  readonly version: string;
  /** The member's own. */
  readonly memberVersion: string;
}

/** What is rendered: a kind, or a subresource of it that answers with objects of another kind (scale). */
export interface RenderedKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly subresource?: string;
}

const OPEN = Buffer.from('{');
const EMPTY = Buffer.from('{}');

/** An object as a view shows it. Holds its bytes once: they are the most of what is in memory. */
class Rendering {
  /** As a list item: built-in kinds carry no kind and apiVersion there. */
  readonly item: Buffer;
  /** What the item lacks at its begin, if it does. */
  readonly #head: Buffer | undefined;

  constructor(item: Buffer, head: Buffer | undefined) {
    this.item = item;
    this.#head = head;
  }

  /** Whole, kind and apiVersion included. */
  whole(): Buffer {
    return this.#head ? Buffer.concat([this.#head, this.item.subarray(1)]) : this.item;
  }

  /** The bytes of its metadata. */
  metadata(): Buffer {
    return sliceAt(this.item, ['metadata']) ?? EMPTY;
  }
}

/** Tags objects of one kind for one view. Each version of an object is rendered once and kept with it. */
export class Renderer {
  readonly #rewrite: Rewriter<Tag>;
  /** How built-in kinds' bytes begin: `{"kind":"Pod","apiVersion":"v1",`. */
  readonly #head: Buffer;
  readonly #known = new WeakMap<StoredObject, Rendering>();

  constructor(view: View, rendered: RenderedKind) {
    this.#rewrite = compileRules(tagRules(view, rendered));
    this.#head = Buffer.from(
      `{"kind":${JSON.stringify(rendered.kind)},"apiVersion":${JSON.stringify(groupVersionText(rendered))},`,
    );
  }

  render(object: StoredObject): Rendering {
    let rendering = this.#known.get(object);
    if (!rendering) {
      rendering = this.#split(this.tag(object.bytes, tagOf(object)));
      this.#known.set(object, rendering);
    }
    return rendering;
  }

  /** Tags bytes that no cache holds. */
  tag(bytes: Buffer, tag: Tag): Buffer {
    return this.#rewrite(bytes, tag);
  }

  #split(tagged: Buffer): Rendering {
    const { length } = this.#head;
    if (!tagged.subarray(0, length).equals(this.#head))
      return new Rendering(inOwnMemory(tagged), undefined);
    const item = Buffer.allocUnsafeSlow(OPEN.length + tagged.length - length);
    OPEN.copy(item);
    tagged.copy(item, OPEN.length, length);
    return new Rendering(item, this.#head);
  }
}

function tagOf({ cluster, version, memberVersion }: StoredObject): Tag {
  return { cluster, version: String(version), memberVersion };
}

function tagRules(view: View, { group, resource, subresource }: RenderedKind): Rule<Tag>[] {
  const rules: Rule<Tag>[] = [
    { path: ['metadata', 'resourceVersion'], replace: (_, { version }) => version },
    { path: ['metadata', 'labels'], set: clusterLabel, create: true },
    { path: ['metadata', 'annotations'], set: annotations, create: true },
  ];
  if (view.naming === 'Plain') return rules;
  rules.push({ path: ['metadata', 'name'], replace: qualifyName });
  return [...rules, ...referencesOf(group, resource, subresource).flatMap(referenceRules)];
}

const clusterLabel = ({ cluster }: Tag): Record<string, string> => ({ [CLUSTER_LABEL]: cluster });

const annotations = ({ cluster, memberVersion }: Tag): Record<string, string> => ({
  [CACHED_FROM_ANNOTATION]: cluster,
  [MEMBER_VERSION_ANNOTATION]: memberVersion,
});

const qualifyName = (name: string, { cluster }: Tag): string =>
  name === '' ? name : qualify(name, cluster);

function referenceRules({ path, form }: Reference): Rule<Tag>[] {
  switch (form) {
    case 'name':
      return [{ path, replace: qualifyName }];
    case 'labelSelector':
      return [{ path: [...path, 'matchLabels'], set: clusterLabel, create: true }];
    case 'labelMap':
      return [{ path, setIfNotEmpty: clusterLabel }];
    case 'selectorText':
      return [
        {
          path,
          replace: (text, { cluster }) =>
            `${text}${text === '' ? '' : ','}${CLUSTER_LABEL}=${cluster}`,
        },
      ];
  }
}
