import type { ServedResource } from '../catalog/index.ts';
import {
  negotiate,
  parseListOptions,
  parseResourceRequest,
  parseWatchOptions,
  unknownPath,
  unsupportedMethod,
  type FieldSelector,
  type LabelSelector,
  type ResourceRequest,
} from '../kube/index.ts';
import { deleteCollection } from './delete-collection.ts';
import type { KindInView } from './kinds.ts';
import { listPage } from './list-page.ts';
import { answerLiveKind } from './live-kind.ts';
import { locate } from './locate.ts';
import { readObject, readSubresource } from './read-object.ts';
import { answerSelfReview, isSelfReview, type MayUseView } from './reviews.ts';
import { selectObjects, type Selection } from './selection.ts';
import { asAccepted } from './to-yaml.ts';
import {
  namespaceOf,
  type Answer,
  type Passage,
  type ResourceAsk,
  type ViewRequest,
} from './view-request.ts';
import { ViewsContext, type ViewsDependencies } from './views-context.ts';
import { watchEvents } from './watch-events.ts';
import { createObject, writeObject } from './write-object.ts';

/** Subresources that are handed to the member as they are: streams, and what is proxied behind it. */
const PASSED_THROUGH = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** Everything below a view's path: one Kubernetes API over all members. */
export class Views {
  readonly #context: ViewsContext;
  readonly #mayUseView: MayUseView;

  constructor(deps: ViewsDependencies & { readonly mayUseView: MayUseView }) {
    this.#context = new ViewsContext(deps);
    this.#mayUseView = deps.mayUseView;
  }

  /**
   * Answers a request, or says to which member it is to be passed.
   * @throws StatusError for everything that can't be answered
   */
  async handle(request: ViewRequest): Promise<Answer | Passage> {
    const info = parseResourceRequest(request.method, request.path, request.query);
    if (!info) return this.#document(request);
    if (isSelfReview(info)) return answerSelfReview(request, info, this.#mayUseView);
    const resource = await this.#context.kinds.find(info);
    const ask = { ...request, info, resource };
    checkScope(ask);
    if (PASSED_THROUGH.has(info.subresource)) return this.#pass(ask);
    const answer = (await this.#mustBeLive(ask))
      ? await answerLiveKind(ask, this.#context)
      : await this.#resource(ask, this.#context.kinds.open(request.view, resource));
    return withVersionWarnings(asAccepted(answer, ask), ask);
  }

  /** Kinds that can't be watched, and tables of kinds that only their members can print. */
  async #mustBeLive({ info, resource, headers }: ResourceAsk): Promise<boolean> {
    if (!resource.verbs.includes('watch')) return true;
    if ((info.verb !== 'list' && info.verb !== 'get') || info.subresource !== '') return false;
    const accepted = negotiate(headers.accept, info.verb === 'list' ? 'list' : 'one');
    return accepted.as === 'Table' && (await this.#context.printer(resource)) === undefined;
  }

  async #document({ method, path, query, headers }: ViewRequest): Promise<Answer> {
    const document = await this.#context.catalog.document({
      path,
      query,
      accept: headers.accept,
      ifNoneMatch: headers['if-none-match'],
    });
    if (!document) throw unknownPath();
    if (method !== 'GET') throw unsupportedMethod();
    const { statusCode, headers: documentHeaders, body } = document;
    const contentType =
      documentHeaders['content-type'] ?? documentHeaders['Content-Type'] ?? 'application/json';
    return { statusCode, contentType, headers: documentHeaders, body: [body] };
  }

  async #resource(ask: ResourceAsk, kind: KindInView): Promise<Answer> {
    const { info } = ask;
    switch (info.verb) {
      case 'list':
        return this.#list(ask, kind);
      case 'watch':
        return this.#watch(ask, kind);
      case 'get':
        return info.subresource === ''
          ? readObject(ask, kind, this.#context)
          : readSubresource(ask, kind, this.#context);
      case 'create':
        return info.name === ''
          ? createObject(ask, kind, this.#context)
          : writeObject(ask, kind, this.#context);
      case 'update':
      case 'patch':
      case 'delete':
        if (info.name === '') throw unsupportedMethod();
        return writeObject(ask, kind, this.#context);
      case 'deletecollection':
        return deleteCollection(ask, kind, this.#context);
    }
  }

  async #list(ask: ResourceAsk, merged: KindInView): Promise<Answer> {
    const accepted = negotiate(ask.headers.accept, 'list');
    const options = parseListOptions(ask.query);
    const selection = await this.#select(ask, options);
    const kind = this.#named(merged, selection);
    const encoder = await this.#context.encoder(kind, accepted, ask.query);
    const { deadlineMs } = this.#context;
    const namespace = namespaceOf(ask);
    const page = await listPage(
      { kind, options, selection, namespace, deadlineMs, signal: ask.signal },
      this.#context,
    );
    return {
      statusCode: 200,
      contentType: 'application/json',
      body: encoder.list(page),
      freshness: page.freshness,
    };
  }

  async #watch(ask: ResourceAsk, merged: KindInView): Promise<Answer> {
    const accepted = negotiate(ask.headers.accept, 'watch');
    const options = parseWatchOptions(ask.query);
    const named =
      ask.info.name === ''
        ? []
        : [{ field: 'metadata.name', negated: false, value: ask.info.name }];
    const selection = await this.#select(ask, {
      ...options,
      fieldSelector: [...options.fieldSelector, ...named],
    });
    const kind = this.#named(merged, selection);
    const encoder = await this.#context.encoder(kind, accepted, ask.query);
    const { deadlineMs, clock, kinds } = this.#context;
    const freshness = kinds.freshness(kind, selection);
    const body = watchEvents(
      { kind, options, selection, encoder, deadlineMs, signal: ask.signal },
      clock,
    );
    return {
      statusCode: 200,
      contentType: 'application/json',
      body,
      isStream: true,
      freshness: freshness.filter(({ state }) => state === 'stale'),
    };
  }

  /** `ns/x@m1` is the member's own namespace, in lists and watches too. */
  #named(kind: KindInView, { namesMember }: Selection): KindInView {
    return kind.isMerged && namesMember ? this.#context.kinds.openUnmerged(kind) : kind;
  }

  async #select(
    ask: ResourceAsk,
    {
      labelSelector,
      fieldSelector,
    }: { labelSelector: LabelSelector; fieldSelector: FieldSelector },
  ): Promise<Selection> {
    return selectObjects({
      view: ask.view,
      resource: ask.resource,
      namespace: namespaceOf(ask),
      labelSelector,
      fieldSelector,
      clusters: ask.resource.members,
      isMember: this.#context.kinds.isMember,
      customFields: await this.#context.catalog.selectableFields(ask.resource),
    });
  }

  /** Streams go to the one member that the name says, or that holds the only object of that name. */
  async #pass(ask: ResourceAsk): Promise<Passage> {
    const kind = this.#context.kinds.open(ask.view, ask.resource);
    const { member, name } = await locate({
      ...ask,
      kind,
      context: this.#context,
      acceptsUniquePlainName: true,
    });
    return { member, path: this.#context.memberPath(ask, name) };
  }
}

/**
 * @throws NotFound where a path puts a kind into a namespace that it is not in, or a subresource is
 * unknown; MethodNotAllowed where the path is one of the kind's, for other methods
 */
function checkScope({ info, resource, method }: ResourceAsk): void {
  if (!isPlaced(info, resource.namespaced)) throw unknownPath();
  const isKnown =
    info.subresource === '' || resource.subresources.some(({ name }) => name === info.subresource);
  if (!isKnown) throw unknownPath();
  if (info.name !== '' && !hasObjects(resource.verbs) && info.subresource === '')
    throw unknownPath();
  if (method === 'HEAD' && info.subresource === '') throw unsupportedMethod();
  if (info.subresource === '' && !isAllowed(info, resource)) throw unsupportedMethod();
}

/** Namespaced kinds can be listed over all namespaces; everything else of them is in one. */
function isPlaced({ namespace, resource, name }: ResourceRequest, isNamespaced: boolean): boolean {
  if (!isNamespaced) return namespace === '' || resource === 'namespaces';
  return namespace !== '' || name === '';
}

/** Reviews and the like have none: they are only posted. */
function hasObjects(verbs: readonly string[]): boolean {
  return ['get', 'update', 'patch', 'delete'].some((verb) => verbs.includes(verb));
}

function isAllowed(
  { verb, name, namespace }: ResourceRequest,
  { verbs, namespaced }: ServedResource,
): boolean {
  if (verb === 'create' && name !== '') return false;
  const isRead = verb === 'list' || verb === 'watch';
  if (namespaced && namespace === '' && !isRead) return false;
  return verbs.includes(verb) || (verb === 'watch' && verbs.includes('list'));
}

/** Names the members that are left out because they serve the kind otherwise. */
function withVersionWarnings(answer: Answer, { resource, info }: ResourceAsk): Answer {
  if (info.verb !== 'list') return answer;
  const warnings = [...(answer.warnings ?? [])];
  const { otherVersionsOnly, scopeMismatch } = resource;
  if (otherVersionsOnly.length > 0) {
    warnings.push(
      `${resource.resource} of ${otherVersionsOnly.join(', ')} are left out: not served there in ${resource.version}`,
    );
  }
  if (scopeMismatch.length > 0) {
    warnings.push(
      `${resource.resource} of ${scopeMismatch.join(', ')} are left out: their scope differs there`,
    );
  }
  return { ...answer, warnings };
}
