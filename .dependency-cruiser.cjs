/** Which room may enter which: docs/architecture.md draws the same table. */
const rooms = {
  kube: [],
  bytes: ['kube'],
  printers: ['kube'],
  api: ['kube'],
  config: ['api', 'kube'],
  members: ['api', 'kube', 'bytes'],
  kubeconfig: ['members', 'kube'],
  translation: ['bytes', 'kube'],
  catalog: ['members', 'api', 'kube'],
  informers: ['members', 'bytes', 'api', 'kube'],
  proxy: ['members', 'api', 'kube'],
  views: [
    'catalog',
    'informers',
    'proxy',
    'members',
    'printers',
    'translation',
    'bytes',
    'api',
    'kube',
  ],
  identity: ['api', 'kube', 'members'],
  server: [
    'views',
    'proxy',
    'catalog',
    'identity',
    'members',
    'informers',
    'printers',
    'api',
    'kube',
  ],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `${room} may import ${allowed.join(', ') || 'no other room'}`,
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [room, ...allowed].map((name) => `^src/${name}/`) },
}));

const doorRules = [...Object.keys(rooms), 'cli'].map((room) => ({
  name: `door-${room}`,
  severity: 'error',
  comment: `other rooms enter ${room} by its index.ts`,
  from: { path: '^src/', pathNot: [`^src/${room}/`, '^src/main\\.ts$'] },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.ts$` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: { path: '^src' }, to: { circular: true } },
    ...roomRules,
    ...doorRules,
    {
      name: 'fastify-at-the-edge',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/' },
      to: { path: 'node_modules/(fastify|fastify-plugin)/' },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'tests-enter-by-the-door-or-the-file-they-mirror',
      severity: 'ignore',
      from: { path: '^test/' },
      to: { path: '^src/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
