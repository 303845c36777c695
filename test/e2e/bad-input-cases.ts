const NS = '/api/v1/namespaces/odd';
const LIST = `${NS}/configmaps`;
const APPS = '/apis/apps/v1/namespaces/odd';
const JSON_TYPE = { 'content-type': 'application/json' };
const WATCH = `${LIST}?watch=true`;
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** One bad request, for a kube-apiserver and for a view in the same words. */
export interface BadRequest {
  readonly title: string;
  /** Default GET. */
  readonly method?: string;
  /** `<NAME>` stands for an object of the member: itself there, NAME@MEMBER in a view. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Likewise. */
  readonly body?: string | Buffer;
}

/** What a view answers otherwise, on purpose. */
export interface Instead {
  readonly code: number;
  readonly reason: string;
  readonly why: string;
}

const HIDDEN = { code: 404, reason: 'NotFound', why: 'such a segment is never passed on' } as const;
const NOT_500 = {
  code: 400,
  reason: 'BadRequest',
  why: 'a 500 there, though the client errs',
} as const;
const READ_ONLY = {
  code: 405,
  reason: 'MethodNotAllowed',
  why: 'any method reads it there',
} as const;
const STALE = {
  code: 409,
  reason: 'Conflict',
  why: 'a version that was never ours is stale',
} as const;

/** By title: the only answers that differ from kube-apiserver's in code, reason or details. */
export const INSTEAD: Readonly<Record<string, Instead>> = {
  'a NUL': HIDDEN,
  'invalid UTF-8': HIDDEN,
  'an overlong slash': HIDDEN,
  '/api/v1/namespaces/../pods': HIDDEN,
  '/api/v1/namespaces/%2e%2e/pods': HIDDEN,
  '/api/v1/namespaces/odd/configmaps/..': HIDDEN,
  '/api/v1/namespaces/odd/configmaps/%2e%2e': HIDDEN,
  '/api/v1/namespaces/odd/configmaps/.': HIDDEN,
  '/api/v1/namespaces/odd/configmaps/..%00': HIDDEN,
  '/api/v1/namespaces//pods': HIDDEN,
  '/api/v1/pods//': HIDDEN,
  '/api/v1/namespaces/odd/configmaps/%c0%ae%c0%ae': HIDDEN,
  [`${WATCH}&resourceVersion=x`]: NOT_500,
  [`${WATCH}&resourceVersion=-1`]: NOT_500,
  [`${WATCH}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=x`]: NOT_500,
  [`${NS}/pods/<running>?resourceVersion=x`]: NOT_500,
  [`${NS}/pods/<running>?resourceVersion=-1`]: NOT_500,
  'DELETE /apis': READ_ONLY,
  'PUT /apis/apps': READ_ONLY,
  'DELETE /openapi/v2': READ_ONLY,
  'POST /openapi/v3': READ_ONLY,
  'PUT: an odd version': STALE,
  'POST: a version': STALE,
  [`Accept: ${METADATA_LIST} of ${WATCH}`]: {
    code: 406,
    reason: 'NotAcceptable',
    why: 'an empty stream there: no event can be shown so',
  },
};

/** Where a message is worded otherwise: what kube-apiserver's says, and why. */
export const WORDS: readonly { readonly says: RegExp; readonly why: string }[] = [
  {
    says: /json parse error|invalid character|unexpected end of JSON|cannot unmarshal|yaml: line|name must be provided|does not appear to be a protobuf|unexpected EOF|Invalid JSON Patch/,
    why: 'each parser has its own words',
  },
  {
    says: /regex used for validation|no more than 63 bytes|must be non-empty/,
    why: 'the grammar of labels is told in one sentence',
  },
  { says: /continue key is not valid: /, why: "a token is a server's own" },
  { says: /media types|Available representations/, why: 'a view does not speak CBOR' },
  { says: /too old/, why: 'the version is named' },
  { says: /field label "/, why: 'one form for all kinds' },
  { says: /you requested/, why: 'the form that is served is told instead' },
  {
    says: /^field label not supported: spec\.(text|foo)$/,
    why: 'custom kinds are refused in the words of built-in ones',
  },
  { says: /converting \(/, why: 'no Go types here' },
];

const paths = (entries: Readonly<Record<string, string>>): BadRequest[] =>
  Object.entries(entries).map(([title, path]) => ({ title, path }));

const queries = (of: string, values: readonly string[]): BadRequest[] =>
  values.map((query) => {
    const path = `${of}${of.includes('?') ? '&' : '?'}${query}`;
    return { title: path, path };
  });

/** Addresses of nothing. */
export const UNKNOWN: readonly BadRequest[] = [
  ...paths({
    'an unknown group': '/apis/no.such.group/v1/things',
    'an unknown group by name': '/apis/no.such.group/v1/namespaces/odd/things/x',
    'an unknown version': '/apis/apps/v9/deployments',
    'an unknown version of core': '/api/v9/pods',
    'an unknown resource': '/api/v1/nothings',
    'an unknown resource in a namespace': `${NS}/nothings`,
    'an unknown resource by name': `${NS}/nothings/x`,
    'an unknown subresource': `${NS}/pods/<running>/nothing`,
    'a subresource of the wrong kind': `${NS}/configmaps/<x>/scale`,
    'a subresource with something behind it': `${NS}/pods/<running>/status/more`,
    'a name with something behind it': `${NS}/pods/<running>/status/more/and/more`,
    'a namespaced kind as a cluster kind': '/api/v1/pods/<running>',
    'a cluster kind in a namespace': `${NS}/nodes`,
    'a cluster kind by name in a namespace': `${NS}/nodes/<x>`,
    'an unknown group document': '/apis/no.such.group',
    'an unknown group version document': '/apis/no.such.group/v1',
    'an unknown version document': '/apis/apps/v9',
    'an unknown core version': '/api/v9',
    'an unknown OpenAPI document': '/openapi/v3/apis/no.such.group/v1',
    'an unknown OpenAPI version': '/openapi/v9',
    'an unknown path': '/nothing',
    'an unknown deep path': '/nothing/at/all',
    'the old API prefix': '/apis/v1/pods',
    'an object that is not there': `${NS}/pods/<nothing>`,
    'an object in a namespace that is not there': '/api/v1/namespaces/nothing/pods/<x>',
    'a cluster object that is not there': '/api/v1/nodes/<nothing>',
    'a status that is not there': `${APPS}/deployments/<nothing>/status`,
    'a scale that is not there': `${APPS}/deployments/<nothing>/scale`,
    'a log that is not there': `${NS}/pods/<nothing>/log`,
    'a custom object that is not there':
      '/apis/odd.example.com/v1/namespaces/odd/oddities/<nothing>',
  }),
];

const labels = (text: string): string => `labelSelector=${encodeURIComponent(text)}`;
const fields = (text: string): string => `fieldSelector=${encodeURIComponent(text)}`;

/** Selectors that can't be read. */
export const SELECTORS: readonly BadRequest[] = [
  ...queries(
    LIST,
    [
      'a b',
      'a in',
      'a in b',
      'a in (',
      'a in (b',
      'a in (b,',
      'a=(',
      'a==b=c',
      '=',
      '==',
      '!',
      '!!a',
      '!a=b',
      ',',
      'a,',
      ',a',
      'a,,b',
      'a>x',
      'a<',
      'a>',
      '-a',
      'a-',
      '/a',
      'a/',
      'a/b/c',
      'A_B/c',
      'a=-b',
      'a=b-',
      'a=b c',
      'a=ü',
      'ü',
      'a notin',
      'a notin ()',
      'in',
      'in in (in)',
      `a=${'b'.repeat(64)}`,
      'a'.repeat(64),
      'a=b)',
      'a in ((b)',
      'a in (b c)',
      'a@b',
      '()',
      'x in (),y',
      'a==',
      '"a"=b',
    ].map(labels),
  ),
  ...queries(
    LIST,
    [
      'a',
      'a=b',
      'metadata.name',
      'metadata.name=',
      '=',
      '==x',
      '!=',
      ',',
      'metadata.name=a,',
      ',metadata.name=a',
      'metadata.name>a',
      'metadata.name=a=b',
      'metadata.name=a\\',
      'metadata.name=a\\x',
      'metadata.name in (a)',
      'metadata.labels.a=b',
      'spec.nodeName=x',
      'metadata.name==a==b',
      ' metadata.name=a',
      '!metadata.name',
      'metadata.uid=x',
    ].map(fields),
  ),
  ...queries(
    `${NS}/pods`,
    ['a=b', 'spec.foo=x', 'status.phase', 'spec.nodeName>x', 'spec.containers=x'].map(fields),
  ),
  ...queries('/api/v1/nodes', ['spec.foo=x', 'metadata.namespace=x'].map(fields)),
  ...queries('/api/v1/events', ['involvedObject.foo=x'].map(fields)),
  ...queries(
    '/apis/events.k8s.io/v1/events',
    ['regarding.foo=x', 'involvedObject.name=x'].map(fields),
  ),
  ...queries('/apis/batch/v1/jobs', ['status.foo=x'].map(fields)),
  ...queries('/apis/apps/v1/deployments', ['spec.replicas=1'].map(fields)),
  ...queries('/apis/odd.example.com/v1/oddities', ['spec.text=1', 'spec.foo=1'].map(fields)),
  ...queries(WATCH, ['labelSelector=a+b', 'fieldSelector=a%3Db', 'fieldSelector=a']),
];

/** Other parameters of lists and watches. */
export const OPTIONS: readonly BadRequest[] = [
  ...queries(LIST, [
    'continue=x',
    'continue=%00',
    'continue=eyJ2IjoieCJ9',
    'continue=!!!',
    `continue=${'A'.repeat(5000)}`,
    'continue=x&resourceVersion=1',
    'continue=x&resourceVersion=0',
    'continue=x&resourceVersionMatch=Exact',
    'continue=x&resourceVersionMatch=NotOlderThan&resourceVersion=1',
    'limit=x',
    'limit=1.5',
    'limit=99999999999999999999',
    'limit=0x10',
    'limit=-1',
    'limit=+1',
    'limit=',
    'limit=%20',
    'timeoutSeconds=x',
    'timeoutSeconds=1e3',
    'timeoutSeconds=-1',
    'timeoutSeconds=99999999999999999999',
    'resourceVersion=x',
    'resourceVersion=-1',
    'resourceVersion=1.5',
    'resourceVersion=01',
    'resourceVersion=%20',
    'resourceVersion=99999999999999999999',
    'resourceVersion=1e3',
    'resourceVersionMatch=Exact',
    'resourceVersionMatch=NotOlderThan',
    'resourceVersionMatch=x',
    'resourceVersionMatch=x&resourceVersion=1',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'resourceVersion=x&resourceVersionMatch=Exact',
    'resourceVersion=x&limit=1',
    'resourceVersionMatch=exact&resourceVersion=1',
    'sendInitialEvents=true',
    'sendInitialEvents=false',
    'sendInitialEvents=x',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=1',
    'allowWatchBookmarks=x',
    'pretty=x',
    'unknown=x',
    'includeObject=x',
    'limit=1&limit=x',
    'limit=x&limit=1',
    'labelSelector=a&labelSelector=%21%21',
    'resourceVersionMatch=Exact&resourceVersionMatch=x',
  ]),
  ...queries(WATCH, [
    'sendInitialEvents=true',
    'sendInitialEvents=false',
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    'sendInitialEvents=true&resourceVersionMatch=x',
    'resourceVersionMatch=NotOlderThan',
    'resourceVersionMatch=Exact&resourceVersion=1',
    'resourceVersionMatch=x&resourceVersion=1',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x',
    'resourceVersion=x',
    'resourceVersion=-1',
    'resourceVersion=01',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=x',
    'timeoutSeconds=x',
    'limit=x',
    'sendInitialEvents=x',
    'continue=x&timeoutSeconds=1',
    'allowWatchBookmarks=x&timeoutSeconds=1',
  ]),
  ...queries(`${NS}/pods/<running>`, [
    'resourceVersion=x',
    'resourceVersion=-1',
    'resourceVersion=01',
  ]),
  {
    title: 'a table with an unknown includeObject',
    path: `${LIST}?includeObject=x`,
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  },
  {
    title: 'a watched table with an unknown includeObject',
    path: `${WATCH}&includeObject=x`,
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  },
  { title: 'a malformed query', path: `${LIST}?limit=%zz` },
  { title: 'a query with semicolons', path: `${LIST}?limit=x;continue=y` },
];

const at = (name: string): string => `${LIST}/${name}`;

/** Names that no object can have. */
export const NAMES: readonly BadRequest[] = [
  ...paths({
    'a name that is too long': at(`<${'a'.repeat(254)}>`),
    'a name of 5000': at(`<${'a'.repeat(5000)}>`),
    'upper case': at('<ABC>'),
    'a space': at('<a%20b>'),
    'a colon': at('<a:b>'),
    unicode: at('<%C3%BC>'),
    'an emoji': at('<%F0%9F%98%80>'),
    'a percent sign': at('<%25>'),
    'a question mark': at('<%3F>'),
    'a NUL': at('<%00>'),
    'a newline': at('<a%0Ab>'),
    'two dots': at('<..x>'),
    'a hidden slash': at('<a%2Fb>'),
    'a hidden slash in lower case': at('<a%2fb>'),
    'an escaped backslash': at('<a%5Cb>'),
    'a quote': at('<%22>'),
    markup: at('<%3Cscript%3E>'),
    'invalid UTF-8': at('<%FF>'),
    'an overlong slash': at('<a%C0%AFb>'),
    'an unknown namespace': '/api/v1/namespaces/<nothing>',
    'a namespace with a dot': '/api/v1/namespaces/a.b/pods',
    'a namespace in upper case': '/api/v1/namespaces/ABC/pods',
    'a namespace with a hidden slash': '/api/v1/namespaces/a%2Fb/pods',
  }),
];

/** Ways around a path. */
export const TRAVERSAL: readonly BadRequest[] = [
  ...[
    '/api/v1/../v1/pods',
    '/api/v1/./pods',
    '/api/v1/namespaces/../pods',
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/version',
    '/api/v1/%2e%2e/v1/pods',
    '/api/v1/namespaces/%2e%2e/pods',
    '/api/v1/namespaces/odd/..%2fkube-system/secrets',
    '/api/v1/namespaces/odd%2f..%2fkube-system/secrets',
    '/api/v1/namespaces/odd/configmaps/..',
    '/api/v1/namespaces/odd/configmaps/%2e%2e',
    '/api/v1/namespaces/odd/configmaps/.',
    '/api/v1/namespaces/odd/configmaps/..%00',
    '/api/v1/namespaces/odd/..\\kube-system',
    '/api//v1/pods',
    '//api/v1/pods',
    '/api/v1//pods',
    '/api/v1/namespaces//pods',
    '/api/v1/pods//',
    '/api/v1/pods/',
    '/api/v1/%252e%252e/pods',
    '/apis/../../../../../../version',
    '/api/v1/namespaces/odd/configmaps/%c0%ae%c0%ae',
    '/api/v1/namespaces/odd/configmaps/..;/x',
    '/./version',
    '/api/v1/%zz',
    '/api/v1/%',
    '/api/v1/pods%3Fwatch=1',
    '/api/v1/pods#x',
    '/%61pi/v1/nodes?limit=1',
    '/api/v1/pods%00',
  ].map((path) => ({ title: path, path })),
];

/** Methods that do not apply. */
export const METHODS: readonly BadRequest[] = [
  ...[
    ['POST', `${NS}/pods/<running>`],
    ['PUT', LIST],
    ['PATCH', LIST],
    ['POST', '/api/v1/pods'],
    ['PUT', '/api/v1/pods'],
    ['POST', '/api/v1/componentstatuses'],
    ['DELETE', '/api/v1/componentstatuses/<x>'],
    ['DELETE', '/api/v1/componentstatuses'],
    ['POST', '/api'],
    ['DELETE', '/apis'],
    ['PUT', '/apis/apps'],
    ['PATCH', '/apis/apps/v1'],
    ['POST', '/version'],
    ['DELETE', '/openapi/v2'],
    ['POST', '/openapi/v3'],
    ['DELETE', `${NS}/pods/<running>/log`],
    ['PUT', `${NS}/pods/<running>/log`],
    ['GET', `${NS}/pods/<running>/eviction`],
    ['GET', `${NS}/pods/<running>/binding`],
    ['POST', `${APPS}/deployments/<scaled>/scale`],
    ['DELETE', `${APPS}/deployments/<scaled>/scale`],
    ['DELETE', `${APPS}/deployments/<scaled>/status`],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['DELETE', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x'],
    ['GET', '/apis/authentication.k8s.io/v1/tokenreviews'],
    ['GET', '/apis/authentication.k8s.io/v1/selfsubjectreviews?watch=1'],
    ['DELETE', '/api/v1/namespaces'],
    ['DELETE', '/api/v1/namespaces/odd/services'],
    ['POST', '/api/v1/nodes/<x>'],
    ['DELETE', '/api/v1/services'],
    ['OPTIONS', LIST],
    ['OPTIONS', `${NS}/pods/<running>`],
    ['TRACE', LIST],
    ['PROPFIND', LIST],
    ['HEAD', LIST],
    ['HEAD', `${NS}/pods/<running>`],
    ['HEAD', `${NS}/pods/<nothing>`],
    ['HEAD', '/api/v1/nothings'],
    ['OPTIONS', '/version'],
    ['OPTIONS', '/api'],
    ['HEAD', '/api'],
    ['TRACE', '/version'],
    ['GET', '/api/v1/watch/pods/x/y/z'],
    ['POST', '/api/v1/watch/pods'],
  ].map(([method = '', path = '']) => ({ title: `${method} ${path}`, method, path })),
];

const accepts = (path: string, values: readonly string[]): BadRequest[] =>
  values.map((accept) => ({ title: `Accept: ${accept} of ${path}`, path, headers: { accept } }));

/** Forms that nothing is served in. */
export const ACCEPTS: readonly BadRequest[] = [
  ...accepts(LIST, [
    'text/plain',
    'text/html',
    'image/png, text/*;q=0.1',
    'application/xml',
    'application/json;as=Table',
    'application/json;as=Table;g=meta.k8s.io;v=v9',
    'application/json;as=Nothing;g=meta.k8s.io;v=v1',
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    'application/json;q=0',
    ';',
    ',',
    '*',
    'application/',
    'application/json;as=Table;g=x;v=v1',
    'application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1',
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v9',
    'foo',
    'application/yaml;as=Nothing;v=v1;g=meta.k8s.io',
  ]),
  ...accepts(`${NS}/pods/<running>`, [
    'text/plain',
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'application/json;as=Nothing;g=meta.k8s.io;v=v1',
  ]),
  ...accepts(WATCH, [
    'text/plain',
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'application/json;as=Table;g=meta.k8s.io;v=v9',
  ]),
  ...accepts('/openapi/v2', ['text/plain', 'application/yaml']),
  ...accepts('/openapi/v3', ['text/plain']),
  ...accepts('/openapi/v3/apis/apps/v1', ['text/plain', 'application/yaml']),
  ...accepts('/apis', [
    'text/plain',
    'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList',
  ]),
  ...accepts('/apis/apps/v1', ['text/plain']),
  ...accepts('/apis/apps', ['text/plain']),
  ...accepts('/apis/odd.example.com/v1/oddities', [
    'text/plain',
    'application/vnd.kubernetes.protobuf',
  ]),
];

const config = (name: string, more = ''): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"${more}},"data":{"a":"b"}}`;
const put = (
  title: string,
  body: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
): BadRequest => ({ title: `PUT: ${title}`, method: 'PUT', path: at('<full>'), body, headers });
const post = (
  title: string,
  body: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
): BadRequest => ({ title: `POST: ${title}`, method: 'POST', path: LIST, body, headers });
const patch = (
  title: string,
  type: string,
  body: string | Buffer,
  name = '<full>',
): BadRequest => ({
  title: `PATCH: ${title}`,
  method: 'PATCH',
  path: at(name),
  body,
  headers: { 'content-type': type },
});
const deep = (open: string, close: string, n: number): string =>
  open.repeat(n) + '1' + close.repeat(n);
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** Bodies of writes. */
export const BODIES: readonly BadRequest[] = [
  put('nothing', ''),
  put('truncated', '{"apiVersion":"v1","kind":"Conf'),
  put('no JSON', 'hello'),
  put('an array', '[]'),
  put('null', 'null'),
  put('a number', '1'),
  put('an empty object', '{}'),
  put('no kind', '{"apiVersion":"v1","metadata":{"name":"<full>"}}'),
  put('no version', '{"kind":"ConfigMap","metadata":{"name":"<full>"}}'),
  put('a wrong kind', config('<full>').replace('ConfigMap', 'Secret')),
  put('an unknown kind', config('<full>').replace('ConfigMap', 'Nothing')),
  put('a wrong version', config('<full>').replace('"v1"', '"apps/v1"')),
  put('an unknown version', config('<full>').replace('"v1"', '"no.such/v1"')),
  put('a wrong name', config('<other>')),
  put('a wrong namespace', config('<full>', ',"namespace":"default"')),
  put('a wrong uid', config('<full>', ',"uid":"x"')),
  put('a stale version', config('<full>', ',"resourceVersion":"1"')),
  put('an odd version', config('<full>', ',"resourceVersion":"x"')),
  put('metadata of another type', '{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}'),
  put('a name of another type', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":1}}'),
  put('labels of another type', config('<full>', ',"labels":["x"]')),
  put('a bad label', config('<full>', ',"labels":{"-":"x"}')),
  put(
    'data of another type',
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"<full>"},"data":1}',
  ),
  put(
    'a bad key',
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"<full>"},"data":{"a/b":"x"}}',
  ),
  put('something after it', `${config('<full>')} x`),
  put('two objects', config('<full>') + config('<full>')),
  put(
    'invalid UTF-8',
    Buffer.concat([
      Buffer.from(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"<full>"},"data":{"a":"',
      ),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('x":1}'),
    ]),
  ),
  put('a deep array', deep('[', ']', 20_000)),
  put('a deep object', deep('{"a":', '}', 20_000)),
  put('too much', config('<full>', `,"annotations":{"a":"${'x'.repeat(3_200_000)}"}`)),
  put(
    'a little too much for one object',
    config('<full>', `,"annotations":{"a":"${'x'.repeat(300_000)}"}`),
  ),
  put('an unknown type', config('<full>'), { 'content-type': 'text/plain' }),
  put('an odd type', config('<full>'), { 'content-type': ';;;' }),
  put('a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
  put('XML', '<a/>', { 'content-type': 'application/xml' }),
  put('bad YAML', 'a: [b', { 'content-type': 'application/yaml' }),
  put('a YAML scalar', 'hello', { 'content-type': 'application/yaml' }),
  put('no protobuf', 'hello', { 'content-type': 'application/vnd.kubernetes.protobuf' }),
  put('truncated protobuf', Buffer.from('6b3873000a0f0a027631', 'hex'), {
    'content-type': 'application/vnd.kubernetes.protobuf',
  }),
  put('a patch type', '{}', { 'content-type': MERGE }),
  post('nothing', ''),
  post('truncated', '{"apiVersion":"v1","kind":"Conf'),
  post('no JSON', 'hello'),
  post('a wrong kind', config('<new>').replace('ConfigMap', 'Secret')),
  post('an unknown kind', config('<new>').replace('ConfigMap', 'Nothing')),
  post('a wrong namespace', config('<new>', ',"namespace":"default"')),
  post('a name that is taken', config('<full>')),
  post('a bad name', config('<A_B>')),
  post('a version', config('<new>', ',"resourceVersion":"1"')),
  post('an unknown type', config('<new>'), { 'content-type': 'text/plain' }),
  post('too much', config('<new>', `,"annotations":{"a":"${'x'.repeat(3_200_000)}"}`)),
  post('a deep array', deep('[', ']', 20_000)),
  {
    title: 'POST: an unknown dryRun',
    method: 'POST',
    path: `${LIST}?dryRun=x`,
    body: config('<new>'),
    headers: JSON_TYPE,
  },
  {
    title: 'POST: an unknown fieldValidation',
    method: 'POST',
    path: `${LIST}?fieldValidation=x`,
    body: config('<new>'),
    headers: JSON_TYPE,
  },
  {
    title: 'POST: strict, unknown field',
    method: 'POST',
    path: `${LIST}?fieldValidation=Strict`,
    body: config('<new>').replace('"data"', '"date"'),
    headers: JSON_TYPE,
  },
  {
    title: 'PUT: strict, duplicate keys',
    method: 'PUT',
    path: `${at('<full>')}?fieldValidation=Strict`,
    body: config('<full>').replace('"data"', '"kind":"ConfigMap","data"'),
    headers: JSON_TYPE,
  },
  {
    title: 'POST: a long field manager',
    method: 'POST',
    path: `${LIST}?fieldManager=${'a'.repeat(200)}`,
    body: config('<new>'),
    headers: JSON_TYPE,
  },
  {
    title: 'POST to a namespace that is not there',
    method: 'POST',
    path: '/api/v1/namespaces/nothing/configmaps',
    body: config('<new>'),
    headers: JSON_TYPE,
  },
  patch('an unknown type', 'text/plain', '{}'),
  patch('plain JSON', 'application/json', '{}'),
  { title: 'PATCH: no type', method: 'PATCH', path: at('<full>'), body: '{}' },
  patch('merge, no JSON', MERGE, 'hello'),
  patch('merge, an array', MERGE, '[]'),
  patch('merge, a scalar', MERGE, '1'),
  patch('merge, null', MERGE, 'null'),
  patch('merge, empty', MERGE, ''),
  patch('merge, truncated', MERGE, '{"a":'),
  patch('merge, another name', MERGE, '{"metadata":{"name":"<other>"}}'),
  patch('merge, of nothing', MERGE, '{}', '<nothing>'),
  patch('merge, a stale version', MERGE, '{"metadata":{"resourceVersion":"1"}}'),
  patch('merge, another kind', MERGE, '{"kind":"Secret"}'),
  patch('merge, data of another type', MERGE, '{"data":1}'),
  patch('merge, deep', MERGE, deep('{"a":', '}', 20_000)),
  patch('merge, too much', MERGE, `{"data":{"a":"${'x'.repeat(3_200_000)}"}}`),
  patch('strategic, no JSON', STRATEGIC, 'hello'),
  patch('strategic, an array', STRATEGIC, '[]'),
  patch('strategic, an unknown directive', STRATEGIC, '{"$patch":"nothing"}'),
  patch('JSON patch, no array', JSON_PATCH, '{}'),
  patch('JSON patch, an unknown operation', JSON_PATCH, '[{"op":"nothing","path":"/a"}]'),
  patch('JSON patch, a missing path', JSON_PATCH, '[{"op":"remove","path":"/nothing"}]'),
  patch('JSON patch, no path', JSON_PATCH, '[{"op":"remove"}]'),
  patch(
    'JSON patch, a failing test',
    JSON_PATCH,
    '[{"op":"test","path":"/metadata/namespace","value":"x"}]',
  ),
  patch('JSON patch, scalars', JSON_PATCH, '[1,2]'),
  patch(
    'JSON patch, too many',
    JSON_PATCH,
    JSON.stringify(
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })),
    ),
  ),
  patch('apply, no field manager', APPLY, config('<full>')),
  { ...patch('apply, no YAML', APPLY, 'a: ['), path: `${at('<full>')}?fieldManager=x` },
  {
    ...patch('apply, another name', APPLY, config('<other>')),
    path: `${at('<full>')}?fieldManager=x`,
  },
  {
    ...patch('apply, another kind', APPLY, config('<full>').replace('ConfigMap', 'Secret')),
    path: `${at('<full>')}?fieldManager=x`,
  },
  {
    ...patch(
      'apply, managed fields',
      APPLY,
      config('<full>', ',"managedFields":[{"manager":"x"}]'),
    ),
    path: `${at('<full>')}?fieldManager=x`,
  },
  { ...patch('merge, forced', MERGE, '{}'), path: `${at('<full>')}?force=true` },
  {
    title: 'DELETE: no JSON',
    method: 'DELETE',
    path: at('<full>'),
    body: 'hello',
    headers: JSON_TYPE,
  },
  {
    title: 'DELETE: a wrong kind',
    method: 'DELETE',
    path: at('<full>'),
    body: config('<full>'),
    headers: JSON_TYPE,
  },
  {
    title: 'DELETE: an unknown policy',
    method: 'DELETE',
    path: `${at('<full>')}?propagationPolicy=x`,
  },
  { title: 'DELETE: an odd grace', method: 'DELETE', path: `${at('<full>')}?gracePeriodSeconds=x` },
  {
    title: 'DELETE: a wrong uid',
    method: 'DELETE',
    path: at('<full>'),
    body: '{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"x"}}',
    headers: JSON_TYPE,
  },
  { title: 'DELETE of nothing', method: 'DELETE', path: at('<nothing>') },
  {
    title: 'DELETE: an unknown type',
    method: 'DELETE',
    path: at('<full>'),
    body: 'x',
    headers: { 'content-type': 'text/plain' },
  },
  {
    title: 'a custom object, strategic',
    method: 'PATCH',
    path: '/apis/odd.example.com/v1/namespaces/odd/oddities/<empty>',
    body: '{}',
    headers: { 'content-type': STRATEGIC },
  },
  {
    title: 'a custom object, wrong kind',
    method: 'PUT',
    path: '/apis/odd.example.com/v1/namespaces/odd/oddities/<empty>',
    body: config('<empty>'),
    headers: JSON_TYPE,
  },
  {
    title: 'a review that is none',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: '{}',
    headers: JSON_TYPE,
  },
  {
    title: 'a review of another kind',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: config('x'),
    headers: JSON_TYPE,
  },
  {
    title: 'a review that is no JSON',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: 'hello',
    headers: JSON_TYPE,
  },
  {
    title: 'a review without attributes',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: '{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{}}',
    headers: JSON_TYPE,
  },
];
