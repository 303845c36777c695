import { createHash } from 'node:crypto';
import {
  groupDiscoveryList,
  groupDocument,
  groupList,
  openApiV2,
  openApiV2Protobuf,
  openApiV3,
  ownGroupVersions,
  resourceList,
} from '../api/index.ts';
import { StatusError, unknownPath } from '../kube/index.ts';
import type { Exchange } from './exchange.ts';
import { respond } from './respond.ts';

/** The version of Kubernetes whose API conventions this server follows; clients compare it with theirs. */
export const KUBERNETES_VERSION = { major: '1', minor: '36', patch: '0' } as const;

/** A document that never changes while the process lives. */
interface Document {
  readonly contentType: string;
  readonly body: Buffer;
  readonly etag: string;
}

/** Chooses the form of a document by what the client accepts. */
type Choose = (accept: string) => Document;

const DISCOVERY_V2 =
  /application\/json;(?=[^,]*g=apidiscovery\.k8s\.io)(?=[^,]*v=(v2|v2beta1)(?:;|,|$))(?=[^,]*as=APIGroupDiscoveryList)/;
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function document(body: Buffer | object, contentType = 'application/json'): Document {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`);
  const etag = createHash('sha512').update(bytes).digest('hex').toUpperCase();
  return { contentType, body: bytes, etag };
}

/** Discovery and OpenAPI of our own kinds: made once, answered from memory, independent of members. */
export interface Documents {
  /** Answers when the path is one of a document; false when it is not. */
  serve(exchange: Exchange): boolean;
}

export function ownDocuments(serverVersion: string): Documents {
  const groupVersions = ownGroupVersions();
  const table = new Map<string, Choose>();
  const core = {
    kind: 'APIVersions',
    apiVersion: 'v1',
    versions: [],
    serverAddressByClientCIDRs: [],
  };
  table.set('/api', discovery(core, []));
  table.set('/apis', discovery(groupList(groupVersions), groupVersions));
  for (const groupVersion of groupVersions) {
    const { group, version } = groupVersion;
    table.set(`/apis/${group}`, fixed(groupDocument(group, groupVersions) ?? {}));
    table.set(`/apis/${group}/${version}`, fixed(resourceList(groupVersion)));
  }
  const v2 = openApiV2(groupVersions, serverVersion);
  table.set(
    '/openapi/v2',
    openApiForm(document(v2), document(openApiV2Protobuf(v2), OPENAPI_V2_PROTOBUF)),
  );
  const schemas = new Map(
    groupVersions.map((one) => [
      `apis/${one.group}/${one.version}`,
      document(openApiV3(one, serverVersion)),
    ]),
  );
  table.set('/openapi/v3', fixed(schemaIndex(schemas)));
  return {
    serve: (exchange) => serveFrom(table, exchange) || serveSchema(schemas, exchange),
  };
}

function fixed(body: object): Choose {
  const only = document(body);
  return () => only;
}

function discovery(
  legacy: object,
  groupVersions: Parameters<typeof groupDiscoveryList>[0],
): Choose {
  const plain = document(legacy);
  const forms = new Map(
    ['v2', 'v2beta1'].map((version) => {
      const body = groupDiscoveryList(groupVersions, `apidiscovery.k8s.io/${version}`);
      const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      return [version, document(body, type)];
    }),
  );
  return (accept) => {
    const wanted = DISCOVERY_V2.exec(accept.replace(/\s/g, ''))?.[1];
    return forms.get(wanted ?? '') ?? plain;
  };
}

function openApiForm(json: Document, protobuf: Document): Choose {
  return (accept) => {
    const first = accept.split(',').find((clause) => /json|\*\/\*|proto-openapi/.test(clause));
    if (first === undefined && accept.trim() !== '') {
      throw new StatusError(
        'NotAcceptable',
        `only the following media types are accepted: application/json, ${OPENAPI_V2_PROTOBUF}`,
      );
    }
    return first?.includes('proto-openapi.spec.v2') === true ? protobuf : json;
  };
}

function schemaIndex(schemas: ReadonlyMap<string, Document>): object {
  const paths = [...schemas].map(([path, { etag }]) => [
    path,
    { serverRelativeURL: `/openapi/v3/${path}?hash=${etag}` },
  ]);
  return { paths: Object.fromEntries(paths) as object };
}

function serveFrom(table: ReadonlyMap<string, Choose>, exchange: Exchange): boolean {
  const choose = table.get(exchange.path.replace(/(.)\/$/, '$1'));
  if (!choose) return false;
  send(exchange, choose(exchange.req.headers.accept ?? ''), { 'Cache-Control': 'public' });
  return true;
}

function serveSchema(schemas: ReadonlyMap<string, Document>, exchange: Exchange): boolean {
  if (!exchange.path.startsWith('/openapi/v3/')) return false;
  const path = exchange.path.slice('/openapi/v3/'.length);
  const schema = schemas.get(path);
  if (!schema) throw unknownPath();
  const hash = exchange.query.get('hash');
  if (hash === null) send(exchange, schema, {});
  else if (hash === schema.etag) send(exchange, schema, immutable());
  else redirect(exchange, `/openapi/v3/${path}?hash=${schema.etag}`);
  return true;
}

function immutable(): Record<string, string> {
  const nextYear = new Date(Date.now() + 365 * 86_400_000);
  return { 'Cache-Control': 'public, immutable', Expires: nextYear.toUTCString() };
}

function redirect(exchange: Exchange, location: string): void {
  respond(exchange, { statusCode: 301, headers: { Location: location }, body: '' });
}

function send(
  exchange: Exchange,
  { contentType, body, etag }: Document,
  extra: Record<string, string>,
): void {
  const quoted = `"${etag}"`;
  const headers = { ...extra, ETag: quoted, Vary: 'Accept' };
  if (exchange.req.headers['if-none-match'] === quoted) {
    respond(exchange, { statusCode: 304, headers, body: '' });
    return;
  }
  respond(exchange, {
    statusCode: 200,
    headers: { ...headers, 'Content-Type': contentType },
    body,
  });
}
