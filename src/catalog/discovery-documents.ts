import { createHash } from 'node:crypto';

import { stringify } from 'yaml';

import { groupVersionText, pathSegments, StatusError, unknownPath } from '../kube/index.ts';

import {
  matchesEtag,
  notModified,
  type DocumentRequest,
  type DocumentResponse,
} from './catalog-answer.ts';
import type { DiscoveredGroup, DiscoveredVersion } from './discovery.ts';
import { toLegacyResources } from './legacy-resources.ts';
import { negotiateDiscovery } from './negotiate-document.ts';

/** The place of a discovery document. */
export type DiscoveryPlace =
  | { readonly document: 'core' | 'groups' }
  | { readonly document: 'group'; readonly group: string }
  | { readonly document: 'resources'; readonly group: string; readonly version: string };

/** Undefined when the path is not one of a discovery document. */
export function discoveryPlace(path: string): DiscoveryPlace | undefined {
  if (!/^\/apis?(\/|$)/.test(path)) return undefined;
  const [root, ...rest] = pathSegments(path);
  const [first, second] = rest;
  if (root === 'api' && rest.length <= 1) {
    return first === undefined
      ? { document: 'core' }
      : { document: 'resources', group: '', version: first };
  }
  if (root !== 'apis' || rest.length > 2) return undefined;
  if (first === undefined) return { document: 'groups' };
  if (second === undefined) return { document: 'group', group: first };
  return { document: 'resources', group: first, version: second };
}

interface Aggregated {
  readonly etag: string;
  readonly body: Buffer;
}

/** Writes discovery documents of what is served, in both forms. */
export class DiscoveryDocuments {
  readonly #groups: readonly DiscoveredGroup[];
  /** Rendered once: every kubectl whose cache is old asks for them. */
  readonly #aggregated = new Map<string, Aggregated>();

  constructor(groups: readonly DiscoveredGroup[]) {
    this.#groups = groups;
  }

  /** Whether the group, or the version of it, is served at all. */
  has(place: DiscoveryPlace): boolean {
    if (place.document === 'group') return this.#group(place.group) !== undefined;
    if (place.document !== 'resources') return true;
    return this.#version(place.group, place.version) !== undefined;
  }

  /**
   * @throws NotFound for a group or version that no member serves, ServiceUnavailable for one whose
   *   server has never answered, NotAcceptable
   */
  answer(place: DiscoveryPlace, { accept, ifNoneMatch }: DocumentRequest): DocumentResponse {
    const isRoot = place.document === 'core' || place.document === 'groups';
    const wanted = negotiateDiscovery(accept, isRoot);
    if (wanted.form === 'aggregated') {
      return this.#answerAggregated(place.document === 'core', wanted.version, ifNoneMatch);
    }
    const document = this.#legacy(place);
    const isYaml = wanted.form === 'yaml';
    const headers = {
      'cache-control': 'no-cache, private',
      'content-type': isYaml ? 'application/yaml' : 'application/json',
      ...(isRoot && { vary: 'Accept' }),
    };
    const text = isYaml ? stringify(document) : `${JSON.stringify(document)}\n`;
    return { statusCode: 200, headers, body: Buffer.from(text) };
  }

  #answerAggregated(
    isCore: boolean,
    version: 'v2' | 'v2beta1',
    ifNoneMatch: string | undefined,
  ): DocumentResponse {
    const { etag, body } = this.#render(isCore, version);
    const headers = {
      'cache-control': 'public',
      'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      etag,
      vary: 'Accept',
    };
    if (matchesEtag(ifNoneMatch, etag)) return notModified(headers);
    return { statusCode: 200, headers, body };
  }

  #render(isCore: boolean, version: 'v2' | 'v2beta1'): Aggregated {
    const key = `${isCore ? 'core' : 'groups'} ${version}`;
    const rendered = this.#aggregated.get(key) ?? render(this.#listed(isCore), version);
    this.#aggregated.set(key, rendered);
    return rendered;
  }

  #legacy(place: DiscoveryPlace): object {
    switch (place.document) {
      case 'core':
        return {
          kind: 'APIVersions',
          versions: (this.#group('')?.versions ?? []).map(({ version }) => version),
          serverAddressByClientCIDRs: [],
        };
      case 'groups':
        return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#listed(false).map(toGroup) };
      case 'group': {
        const group = this.#group(place.group);
        if (!group) throw unknownPath();
        return { kind: 'APIGroup', apiVersion: 'v1', ...toGroup(group) };
      }
      case 'resources':
        return this.#resourceList(place.group, place.version);
    }
  }

  #resourceList(group: string, version: string): object {
    const served = this.#version(group, version);
    const groupVersion = groupVersionText({ group, version });
    if (!served) throw unknownPath();
    if (served.freshness === 'Stale' && served.resources.length === 0) {
      throw new StatusError('ServiceUnavailable', `the server of ${groupVersion} does not answer`);
    }
    return {
      kind: 'APIResourceList',
      ...(group !== '' && { apiVersion: 'v1' }),
      groupVersion,
      resources: toLegacyResources(served.resources, { group, version }),
    };
  }

  #listed(isCore: boolean): DiscoveredGroup[] {
    return this.#groups.filter(({ name }) => (name === '') === isCore);
  }

  #group(group: string): DiscoveredGroup | undefined {
    return this.#groups.find(({ name }) => name === group);
  }

  #version(group: string, version: string): DiscoveredVersion | undefined {
    return this.#group(group)?.versions.find((v) => v.version === version);
  }
}

function render(groups: readonly DiscoveredGroup[], version: 'v2' | 'v2beta1'): Aggregated {
  const list = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions,
    })),
  };
  const body = Buffer.from(`${JSON.stringify(list)}\n`);
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function toGroup({ name, versions }: DiscoveredGroup): object {
  const listed = versions.map(({ version }) => ({
    groupVersion: groupVersionText({ group: name, version }),
    version,
  }));
  return { name, versions: listed, preferredVersion: listed[0] };
}
