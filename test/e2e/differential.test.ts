import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { memberClient } from '../printers/member-client.ts';
import { putOddObjects } from '../printers/put-odd-objects.ts';
import { rigSkipReason, startFleet, type Fleet } from '../rig/index.ts';
import { sameCell, tagged, type Json, type Showing } from './differential-tags.ts';
import { kubeconfigEndpoint, memberEndpoint, type Endpoint, type Reply } from './endpoint.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

const EVERYTHING = ['--runtime-config=api/all=true', '--feature-gates=AllAlpha=true,AllBeta=true'];
const MEMBERS = [
  { name: 'newer', version: '1.36', minor: 36 },
  { name: 'older', version: '1.34', minor: 34 },
] as const;

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** What is each answer's own, wherever it comes from. */
const OWN_HEADERS = ['date', 'audit-id', 'connection', 'keep-alive', 'transfer-encoding'];

interface Kind {
  readonly path: string;
  /** `deployments.apps`. */
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Item extends Json {
  metadata: { name: string; namespace?: string; resourceVersion?: string };
}

interface List {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: Item[];
}

interface Row {
  cells: unknown[];
  object: Item;
}

interface Table {
  metadata: Json;
  columnDefinitions: (Json & { name: string })[];
  rows: Row[];
}

interface WatchLine {
  type: string;
  object: Item & { metadata: { annotations?: Record<string, string> } };
}

describe.skipIf(rigSkipReason())("answers beside a member's own", { timeout: 120_000 }, () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet({
      members: MEMBERS.map(({ name, version }) => ({
        name,
        version,
        controllers: false,
        apiServerFlags: EVERYTHING,
      })),
    });
    for (const { name, minor } of MEMBERS) {
      const member = fleet.member(name);
      const client = memberClient(member);
      expect(await putOddObjects(client, { minor, authority: member.authority })).toEqual([]);
      await client.close();
    }
  }, 180_000);

  afterAll(async () => fleet.stop());

  describe.each(MEMBERS)('of Kubernetes $version', ({ name: cluster }) => {
    let flotilla: Flotilla;
    let own: Endpoint;
    let member: Endpoint;
    let view: Endpoint;
    let karmada: Endpoint;
    let kinds: Kind[];

    beforeAll(async () => {
      flotilla = await startFlotilla({
        kubeconfig: fleet.kubeconfig,
        args: ['--contexts', cluster],
      });
      own = memberEndpoint(fleet.member(cluster));
      member = await kubeconfigEndpoint(flotilla.kubeconfig, `flotilla-${cluster}`);
      view = await kubeconfigEndpoint(flotilla.kubeconfig, 'flotilla-all');
      const root = await kubeconfigEndpoint(flotilla.kubeconfig, 'flotilla');
      karmada = root.below('/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy');
      kinds = await listableKinds(own);
    }, 120_000);

    afterAll(async () => {
      for (const endpoint of [own, member, view, karmada]) endpoint.close();
      await flotilla.stop();
    });

    /** What can't be watched is read live, whole or as a Table of its own. */
    const isLive = ({ verbs }: Kind): boolean => !verbs.includes('watch');

    const views = (): { endpoint: Endpoint; naming: Showing['naming'] }[] => [
      { endpoint: view, naming: 'Qualified' },
      { endpoint: karmada, naming: 'Plain' },
    ];

    /** Asks about every kind; the names of the kinds where something differs, and how. */
    async function forEveryKind(
      differs: (kind: Kind) => Promise<string | undefined>,
    ): Promise<string[]> {
      const waiting = [...kinds];
      const differences: string[] = [];
      const worker = async (): Promise<void> => {
        for (let kind = waiting.shift(); kind && differences.length < 12; kind = waiting.shift()) {
          let difference: string | undefined = '';
          // Some objects change by themselves: what differs for good stays so.
          for (let attempt = 0; attempt < 6 && difference !== undefined; attempt += 1) {
            difference = await differs(kind);
          }
          if (difference !== undefined) differences.push(`${kind.path}: ${difference}`);
        }
      };
      await Promise.all(Array.from({ length: 6 }, worker));
      return differences;
    }

    describe('through the member path', () => {
      it.each([
        ['JSON', 'application/json', ''],
        ['YAML', 'application/yaml', ''],
        ['protobuf', PROTOBUF, ''],
        ['a Table', TABLE, ''],
        ['a Table with objects', TABLE, '?includeObject=Object'],
        ['metadata', METADATA_LIST, ''],
        ['metadata in protobuf', METADATA_LIST.replace('application/json', PROTOBUF), ''],
        ['pages', 'application/json', '?limit=2'],
      ])("every kind's list in %s is its own bytes and headers", async (_, accept, query) => {
        const differences = await forEveryKind(async ({ path, kind }) => {
          // Its parts are asked anew each time, and stand in the order of their answers.
          if (kind === 'componentstatuses') return undefined;
          // At once: any write in the cluster moves the version of every list.
          const [its, shown] = await Promise.all(
            [own, member].map(async (endpoint) =>
              endpoint.ask(path + query, { headers: { accept } }),
            ),
          );
          return its && shown ? sameAnswer(its, shown) : 'no answer';
        });

        expect(differences).toEqual([]);
        expect(kinds.length).toBeGreaterThan(60);
      });

      it.each([
        ['/api', ''],
        ['/api', V2],
        ['/apis', ''],
        ['/apis', V2],
        ['/api/v1', ''],
        ['/apis/apps', ''],
        ['/apis/apps/v1', ''],
        ['/version', ''],
        ['/openapi/v2', 'application/json'],
        ['/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'],
        ['/openapi/v3', ''],
        ['/openapi/v3/apis/apps/v1', 'application/json'],
        ['/openapi/v3/apis/apps/v1', 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'],
        ['/api/v1/namespaces/odd/pods/nothing', ''],
        ['/apis/no.such/v1', ''],
        ['/api/v1/pods?labelSelector=%21%21', ''],
        ['/livez?verbose', ''],
        ['/api/v1/namespaces/odd/pods/running', 'application/yaml'],
        ['/api/v1/namespaces/odd/pods/running/status', ''],
        ['/apis/apps/v1/namespaces/odd/deployments/scaled/scale', PROTOBUF],
      ])('%s (%s) is its own bytes and headers', async (path, accept) => {
        const headers = accept === '' ? {} : { accept };

        const [its, shown] = [
          await own.ask(path, { headers }),
          await member.ask(path, { headers }),
        ];

        expect(sameAnswer(its, shown)).toBeUndefined();
      });

      it("every kind's watch is its own lines", async () => {
        const differences = await forEveryKind(async ({ path, verbs }) => {
          if (!verbs.includes('watch')) return undefined;
          const query = '?watch=true&timeoutSeconds=1&resourceVersion=0';
          const [its, shown] = await Promise.all([own.ask(path + query), member.ask(path + query)]);
          return its.text.split('\n').sort().join() === shown.text.split('\n').sort().join()
            ? undefined
            : 'lines differ';
        });

        expect(differences).toEqual([]);
      });
    });

    describe('through views', () => {
      it.each([
        {
          form: 'JSON',
          accept: 'application/json',
          list: METADATA_LIST,
          read: (text: string): unknown => JSON.parse(text),
        },
        {
          form: 'YAML',
          accept: 'application/yaml',
          list: METADATA_LIST,
          read: (text: string): unknown => parse(text),
        },
        {
          form: 'metadata',
          accept: METADATA_LIST,
          list: METADATA_LIST,
          read: (text: string): unknown => JSON.parse(text),
        },
      ])(
        "every kind's list in $form has the member's objects with the documented tags only",
        async ({ accept, read }) => {
          const differences = await forEveryKind(async (every) => {
            if (accept === METADATA_LIST && isLive(every)) return undefined;
            const { path, kind } = every;
            const headers = { accept };
            const its = await own.ask(path, { headers });
            for (const { endpoint, naming } of views()) {
              const shown = await endpoint.ask(path, { headers });
              if (shown.headers['content-type'] !== its.headers['content-type'])
                return `content-type ${String(shown.headers['content-type'])}`;
              const difference = differentLists(read(its.text) as List, read(shown.text) as List, {
                kind,
                cluster,
                naming,
              });
              if (difference !== undefined) return `${naming}: ${difference}`;
            }
            return undefined;
          });

          expect(differences).toEqual([]);
        },
      );

      it.each(['', '?includeObject=Object', '?includeObject=None'])(
        "every kind's Table%s has the member's columns and cells, and the cluster",
        async (query) => {
          const differences = await forEveryKind(async (every) => {
            if (isLive(every)) return undefined;
            const { path, kind } = every;
            const headers = { accept: TABLE };
            const its = (await own.ask(path + query, { headers })).json() as Table;
            for (const { endpoint, naming } of views()) {
              const shown = (await endpoint.ask(path + query, { headers })).json() as Table;
              const difference = differentTables(its, shown, { kind, cluster, naming });
              if (difference !== undefined) return `${naming}: ${difference}`;
            }
            return undefined;
          });

          expect(differences).toEqual([]);
        },
      );

      it.each([
        ['JSON', 'application/json'],
        ['YAML', 'application/yaml'],
        ['metadata', METADATA],
        ['a Table', TABLE],
      ])(
        "an object of every kind, read by name in %s, is the member's with its tags",
        async (_, accept) => {
          const differences = await forEveryKind(async ({ path, kind, verbs }) => {
            const first = ((await own.ask(path)).json() as List).items.at(-1);
            if (!first || !verbs.includes('watch')) return undefined;
            const { name, namespace } = first.metadata;
            const place =
              namespace === undefined
                ? path
                : path.replace(/([^/]+)$/, `namespaces/${namespace}/$1`);
            const headers = { accept };
            const its = await own.ask(`${place}/${name}`, { headers });
            for (const { endpoint, naming } of views()) {
              const suffix = naming === 'Qualified' && kind !== 'namespaces' ? `@${cluster}` : '';
              const shown = await endpoint.ask(`${place}/${name}${suffix}`, { headers });
              const difference = differentObjects(its, shown, { kind, cluster, naming });
              if (difference !== undefined) return `${naming}: ${difference}`;
            }
            return undefined;
          });

          expect(differences).toEqual([]);
        },
      );

      it.each([
        ['', 'objects'],
        [METADATA, 'metadata'],
      ])("every kind's watch (%s) begins with the member's %s, tagged", async (accept) => {
        const differences = await forEveryKind(async ({ path, kind, verbs }) => {
          if (!verbs.includes('watch')) return undefined;
          const query =
            '?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
          const headers = accept === '' ? {} : { accept };
          const [its, ...shown] = await Promise.all(
            [own, view, karmada].map(async (endpoint) =>
              linesOf(await endpoint.ask(path + query, { headers })),
            ),
          );
          for (const [index, naming] of (['Qualified', 'Plain'] as const).entries()) {
            const difference = differentLines(its ?? [], shown[index] ?? [], {
              kind,
              cluster,
              naming,
            });
            if (difference !== undefined) return `${naming}: ${difference}`;
          }
          return undefined;
        });

        expect(differences).toEqual([]);
      });

      it.each([
        ['pods', '/api/v1/pods'],
        ['configmaps', '/api/v1/namespaces/odd/configmaps'],
        ['oddities.odd.example.com', '/apis/odd.example.com/v1/oddities'],
        [
          'clusterroles.rbac.authorization.k8s.io',
          '/apis/rbac.authorization.k8s.io/v1/clusterroles',
        ],
      ])(
        "a watch of %s as Tables has the member's rows, columns in the first event only",
        async (kind, path) => {
          const query =
            '?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
          const headers = { accept: TABLE };
          const read = async (endpoint: Endpoint): Promise<Table> => {
            const lines = linesOf(await endpoint.ask(path + query, { headers }));
            const tables = lines.map(({ object }) => object as unknown as Table);
            const rows = lines.flatMap(({ type }, index) =>
              type === 'ADDED' ? (tables[index]?.rows ?? []) : [],
            );
            expect(
              tables
                .slice(1)
                .every(({ columnDefinitions }) => (columnDefinitions as unknown) === null),
            ).toBe(true);
            expect(lines.some(({ type }) => type === 'BOOKMARK')).toBe(true);
            return { ...tables[0]!, rows };
          };

          const [its, shown] = [await read(own), await read(view)];

          expect(
            differentTables(its, shown, { kind, cluster, naming: 'Qualified' }),
          ).toBeUndefined();
        },
      );

      it.each([
        ['/api', 'application/json'],
        ['/api', V2],
        ['/apis', 'application/json'],
        ['/apis', V2],
      ])("%s (%s) is the member's", async (path, accept) => {
        const its = await own.ask(path, { headers: { accept } });
        const shown = await view.ask(path, { headers: { accept } });

        expect(shown.headers['content-type']).toBe(its.headers['content-type']);
        // Where else a server can be reached is its own.
        const addresses = { serverAddressByClientCIDRs: [] };
        const rest = { ...(shown.json() as Json), ...addresses };
        const expected = { ...(its.json() as Json), ...addresses };
        expect(rest).toEqual(expected);
      });

      it("every group's and version's document is the member's", async () => {
        const { groups } = (await own.ask('/apis')).json() as {
          groups: { name: string; versions: { groupVersion: string }[] }[];
        };
        const paths = [
          '/api/v1',
          ...groups.flatMap(({ name, versions }) => [
            `/apis/${name}`,
            ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`),
          ]),
        ];

        for (const path of paths) {
          const [its, shown] = [await own.ask(path), await view.ask(path)];
          expect(comparable(shown.json()), path).toEqual(comparable(its.json()));
        }
      });

      it.each(['application/json', 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'])(
        "every OpenAPI v3 document in %s is the member's",
        async (accept) => {
          const index = (await own.ask('/openapi/v3')).json() as { paths: Json };
          const shownIndex = (await view.ask('/openapi/v3')).json() as { paths: Json };
          expect(Object.keys(shownIndex.paths).sort()).toEqual(Object.keys(index.paths).sort());

          for (const path of Object.keys(index.paths)) {
            const headers = { accept };
            const [its, shown] = [
              await own.ask(`/openapi/v3/${path}`, { headers }),
              await view.ask(`/openapi/v3/${path}`, { headers }),
            ];
            expect(shown.headers['content-type']).toBe(its.headers['content-type']);
            if (accept === 'application/json') expect(shown.json(), path).toEqual(its.json());
            else expect(shown.body.length, path).toBe(its.body.length);
          }
        },
      );

      it("OpenAPI v2 is the member's", async () => {
        const [its, shown] = [await own.ask('/openapi/v2'), await view.ask('/openapi/v2')];

        expect(shown.json()).toEqual(its.json());
      });
    });

    describe('lists', () => {
      const ALL = '/apis/rbac.authorization.k8s.io/v1/clusterroles';

      it.each([
        [ALL, 7],
        ['/api/v1/pods', 5],
        ['/api/v1/namespaces/odd/configmaps', 1],
        ['/api/v1/namespaces/odd/pods', 1000],
      ])("%s in pages of %i walks as the member's does", async (path, limit) => {
        const walk = async (endpoint: Endpoint): Promise<object[]> => {
          const pages: object[] = [];
          let token = '';
          let version: string | undefined;
          do {
            const reply = await endpoint.ask(
              `${path}?limit=${limit}${token && `&continue=${encodeURIComponent(token)}`}`,
            );
            const { metadata, items } = reply.json() as List;
            expect(metadata.resourceVersion).toBe((version ??= metadata.resourceVersion));
            token = metadata.continue ?? '';
            pages.push({
              names: items.map((item) => item.metadata.name.replace(`@${cluster}`, '')),
              remaining: metadata.remainingItemCount,
            });
          } while (token !== '');
          return pages;
        };

        expect(await walk(view)).toEqual(await walk(own));
      });

      it('pages with a selector tell no remaining count', async () => {
        const query = `${ALL}?limit=3&labelSelector=${encodeURIComponent('kubernetes.io/bootstrapping')}`;

        const [its, shown] = [
          (await own.ask(query)).json() as List,
          (await view.ask(query)).json() as List,
        ];

        expect(its.metadata.continue).toBeDefined();
        expect(Object.keys(shown.metadata).sort()).toEqual(Object.keys(its.metadata).sort());
      });

      const LIST = '/api/v1/namespaces/odd/configmaps';
      const token = (list: List): string =>
        `continue=${encodeURIComponent(list.metadata.continue ?? '')}`;

      it.each(
        ['', 'resourceVersion=0', 'resourceVersion=N', 'resourceVersion=F'].flatMap((version) =>
          ['', 'resourceVersionMatch=NotOlderThan', 'resourceVersionMatch=Exact'].flatMap((match) =>
            ['', 'limit=1', 'limit=1&C'].map((page) =>
              [version, match, page].filter((part) => part !== '').join('&'),
            ),
          ),
        ),
      )('a list with ?%s is answered as the member does', async (query) => {
        const ask = async (endpoint: Endpoint): Promise<object> => {
          const first = (await endpoint.ask(`${LIST}?limit=1`)).json() as List;
          const now = first.metadata.resourceVersion ?? '';
          const future = String(BigInt(now) + 10n ** 15n);
          const filled = query
            .replace('=N', `=${now}`)
            .replace('=F', `=${future}`)
            .replace('C', token(first));
          return summary(await endpoint.ask(`${LIST}?${filled}`), cluster);
        };

        // From its cache a kube-apiserver does not page; a view does.
        const isWhole = query === 'resourceVersion=0&limit=1';
        const paging = isWhole ? { names: [], continues: false, remaining: undefined } : {};
        expect({ ...(await ask(view)), ...paging }).toEqual({ ...(await ask(own)), ...paging });
      });

      it.each(['', '0', 'N', 'F'])(
        'an object at resourceVersion %j is answered as the member does',
        async (version) => {
          const ask = async (endpoint: Endpoint, name: string): Promise<object> => {
            const now = ((await endpoint.ask(LIST)).json() as List).metadata.resourceVersion ?? '';
            const filled = version.replace('N', now).replace('F', String(BigInt(now) + 10n ** 15n));
            return summary(
              await endpoint.ask(`${LIST}/${name}?resourceVersion=${filled}`),
              cluster,
            );
          };

          expect(await ask(view, `full@${cluster}`)).toEqual(await ask(own, 'full'));
        },
      );

      it.each(
        ['', 'resourceVersion=0', 'resourceVersion=N', 'resourceVersion=F'].flatMap((version) =>
          ['', 'sendInitialEvents=true', 'sendInitialEvents=false'].flatMap((initial) =>
            ['', 'allowWatchBookmarks=true'].map((bookmarks) =>
              [version, initial && `${initial}&resourceVersionMatch=NotOlderThan`, bookmarks]
                .filter((part) => part !== '')
                .join('&'),
            ),
          ),
        ),
      )("a watch with ?%s begins as the member's does", async (query) => {
        const ask = async (endpoint: Endpoint): Promise<string[]> => {
          const now = ((await endpoint.ask(LIST)).json() as List).metadata.resourceVersion ?? '';
          const filled = query
            .replace('=N', `=${now}`)
            .replace('=F', `=${BigInt(now) + 10n ** 15n}`);
          const reply = await endpoint.ask(`${LIST}?watch=true&timeoutSeconds=1&${filled}`);
          if (reply.code !== 200) return [`${reply.code}`];
          return beginningOf(linesOf(reply), cluster);
        };

        // A kube-apiserver waits for a version that it never had; a view says so, and clients relist.
        const isRefused = query.includes('=F') && !query.includes('sendInitialEvents');
        expect(await ask(view)).toEqual(isRefused ? ['ERROR Timeout'] : await ask(own));
      });

      it.each([
        [
          '/api/v1/pods',
          'labelSelector',
          [
            'app',
            '!app',
            'app!=x',
            'app in (x,y)',
            'app notin (x)',
            'odd.io/kind=x',
            'a>1',
            'app=,b!=c',
          ],
        ],
        [
          '/apis/odd.example.com/v1/oddities',
          'labelSelector',
          [
            'odd.io/kind',
            'odd.io/kind=rich',
            'odd.io/kind!=rich',
            'odd.io/kind in (rich,tiny)',
            'odd.io/kind notin (rich)',
            '!odd.io/kind',
            'odd.io/kind==tiny,odd.io/kind',
          ],
        ],
        [
          ALL,
          'labelSelector',
          [
            'kubernetes.io/bootstrapping=rbac-defaults',
            'rbac.authorization.k8s.io/aggregate-to-admin',
            '!kubernetes.io/bootstrapping',
          ],
        ],
        [
          '/api/v1/pods',
          'fieldSelector',
          [
            'status.phase=Running',
            'status.phase!=Running',
            'spec.nodeName=',
            'spec.nodeName!=',
            'spec.restartPolicy=Never',
            'spec.schedulerName=default-scheduler',
            'spec.serviceAccountName=default',
            'spec.hostNetwork=true',
            'spec.hostNetwork=false',
            'status.podIP=',
            'status.podIP!=',
            'status.nominatedNodeName!=',
            'metadata.namespace=odd',
            'metadata.name=running',
            'metadata.name!=running',
            'status.phase=Running,metadata.name!=running',
            'status.podIPs=',
            'spec.host=',
          ],
        ],
        [
          '/api/v1/nodes',
          'fieldSelector',
          ['spec.unschedulable=true', 'spec.unschedulable=false', 'spec.unschedulable!=true'],
        ],
        [
          '/api/v1/namespaces',
          'fieldSelector',
          ['status.phase=Active', 'status.phase!=Active', 'metadata.name=odd'],
        ],
        ['/api/v1/secrets', 'fieldSelector', ['type=Opaque', 'type!=Opaque']],
        [
          '/api/v1/services',
          'fieldSelector',
          [
            'spec.type=ClusterIP',
            'spec.type=LoadBalancer',
            'spec.clusterIP=None',
            'spec.clusterIP!=None',
            'spec.clusterIP=',
          ],
        ],
        [
          '/api/v1/events',
          'fieldSelector',
          [
            'involvedObject.kind=Pod',
            'involvedObject.namespace=odd',
            'involvedObject.uid=',
            'reason!=x',
            'type=Warning',
            'source=',
            'source!=',
            'reportingComponent=',
            'involvedObject.fieldPath!=',
            'involvedObject.apiVersion=v1',
            'involvedObject.resourceVersion=',
          ],
        ],
        [
          '/apis/events.k8s.io/v1/events',
          'fieldSelector',
          [
            'regarding.kind=Pod',
            'regarding.namespace=odd',
            'reportingController=',
            'reportingController!=',
            'type=Warning',
            'reason!=x',
            'regarding.fieldPath!=',
          ],
        ],
        [
          '/apis/batch/v1/jobs',
          'fieldSelector',
          ['status.successful=0', 'status.successful!=0', 'status.successful=1'],
        ],
        [
          '/api/v1/replicationcontrollers',
          'fieldSelector',
          ['status.replicas=0', 'status.replicas!=0'],
        ],
        [
          '/apis/certificates.k8s.io/v1/certificatesigningrequests',
          'fieldSelector',
          ['spec.signerName=example.com/odd', 'spec.signerName!=example.com/odd'],
        ],
        [
          '/apis/resource.k8s.io/v1/resourceslices',
          'fieldSelector',
          ['spec.nodeName=', 'spec.nodeName!=', 'spec.driver!=x'],
        ],
        [
          '/apis/apps/v1/deployments',
          'fieldSelector',
          [
            'metadata.name=scaled',
            'metadata.name!=scaled',
            'metadata.namespace=odd',
            'metadata.namespace!=odd',
          ],
        ],
      ])('%s by %s selects what the member selects', async (path, parameter, selectors) => {
        for (const selector of selectors) {
          const query = `${path}?${parameter}=${encodeURIComponent(selector)}`;
          const [its, shown] = [
            (await own.ask(query)).json() as List,
            (await view.ask(query)).json() as List,
          ];
          const names = ({ items }: List): string[] =>
            items
              .map(
                ({ metadata }) =>
                  `${metadata.namespace ?? ''}/${metadata.name.replace(`@${cluster}`, '')}`,
              )
              .sort();
          expect(names(shown), selector).toEqual(names(its));
        }
      });
    });

    it('tells changes as the member does, line by line', async () => {
      const path = '/api/v1/namespaces/odd/configmaps';
      const since = async (endpoint: Endpoint): Promise<string> =>
        ((await endpoint.ask(path)).json() as List).metadata.resourceVersion ?? '';
      const query = '?watch=true&timeoutSeconds=4&resourceVersion=';
      const endpoints = [own, view, karmada];
      const versions = await Promise.all(endpoints.map(since));
      const watches = endpoints.map(async (endpoint, index) =>
        linesOf(await endpoint.ask(path + query + (versions[index] ?? ''))),
      );
      const json = { 'content-type': 'application/json' };
      const body = (data: string): string =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'changing', labels: { a: data } },
          data: { data },
        });
      await new Promise((resolve) => setTimeout(resolve, 500));

      await own.ask(path, { method: 'POST', headers: json, body: body('one') });
      await own.ask(`${path}/changing`, { method: 'PUT', headers: json, body: body('two') });
      await own.ask(`${path}/changing`, { method: 'DELETE' });
      const [its = [], ...shown] = await Promise.all(watches);

      expect(its.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      for (const [index, naming] of (['Qualified', 'Plain'] as const).entries()) {
        const lines = shown[index] ?? [];
        const showing = { kind: 'configmaps', cluster, naming };
        expect(lines).toEqual(
          its.map(({ type, object }, at) => ({
            type,
            object: tagged(object, lines[at]?.object.metadata.resourceVersion, showing),
          })),
        );
      }
    });
  });
});

/** How a kind is stored is nothing that clusters agree on, so a view says nothing of it. */
function comparable(document: unknown): unknown {
  const { resources, ...rest } = JSON.parse(
    JSON.stringify(document, (key, value: unknown) =>
      key === 'storageVersionHash' ? undefined : value,
    ),
  ) as { readonly resources?: readonly { readonly name: string }[] };
  // A member lists the custom resources of a group in an order that changes.
  const byName = resources?.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...rest, resources: byName };
}

/** Everything that can be listed, in all versions. */
async function listableKinds(endpoint: Endpoint): Promise<Kind[]> {
  interface Groups {
    items: {
      metadata: { name?: string };
      versions: { version: string; resources: { resource: string; verbs: string[] }[] }[];
    }[];
  }
  const headers = { accept: V2 };
  const documents = [
    await endpoint.ask('/api', { headers }),
    await endpoint.ask('/apis', { headers }),
  ];
  return documents.flatMap((document) =>
    (document.json() as Groups).items.flatMap(({ metadata: { name = '' }, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources
          .filter(({ verbs }) => verbs.includes('list'))
          .map(({ resource, verbs }) => ({
            path: `${name === '' ? `/api/${version}` : `/apis/${name}/${version}`}/${resource}`,
            kind: name === '' ? resource : `${resource}.${name}`,
            verbs,
          })),
      ),
    ),
  );
}

/** Bytes and headers, but for what is each answer's own. */
function sameAnswer(its: Reply, shown: Reply): string | undefined {
  if (its.code !== shown.code) return `code ${shown.code} is not ${its.code}`;
  const names = new Set([...Object.keys(its.headers), ...Object.keys(shown.headers)]);
  for (const header of names) {
    // The index of OpenAPI v3 is modified whenever it is read, by the second.
    if (OWN_HEADERS.includes(header) || header === 'last-modified') continue;
    if (String(its.headers[header]) !== String(shown.headers[header]))
      return `header ${header}: ${String(shown.headers[header])}`;
  }
  if (its.body.equals(shown.body)) return undefined;
  if (sameAged(its, shown)) return undefined;
  const [lines, others] = [its.text.split('\n'), shown.text.split('\n')];
  return `line ${lines.findIndex((line, index) => line !== others[index])} differs`;
}

/** Tables tell ages: the only bytes that time changes. */
function sameAged(its: Reply, shown: Reply): boolean {
  if (!its.text.startsWith('{"kind":"Table"')) return false;
  const [own, other] = [its.json() as Table, shown.json() as Table];
  return own.rows.every((row, index) =>
    row.cells.every((cell, at) => sameCell(cell, other.rows[index]?.cells[at])),
  );
}

const keyOf = ({ metadata: { namespace = '', name } }: Item): string => `${namespace}/${name}`;

const VERSION = /^\d{19}$/;

/** A member's empty list of custom objects' metadata holds null. */
type OwnList = Omit<List, 'items'> & { items: Item[] | null };

function differentLists(its: OwnList, shown: List, showing: Showing): string | undefined {
  if (its.kind !== shown.kind || its.apiVersion !== shown.apiVersion)
    return `is a ${shown.kind} of ${shown.apiVersion}`;
  if (!VERSION.test(shown.metadata.resourceVersion ?? '')) return 'has no version of ours';
  return differentItems(its.items ?? [], shown.items, showing);
}

function differentItems(
  its: readonly Item[],
  shown: readonly Item[],
  showing: Showing,
): string | undefined {
  if (its.length !== shown.length) return `${shown.length} objects are not ${its.length}`;
  // Some lists of a member have an order of their own.
  const byKey = (items: readonly Item[]): Item[] =>
    [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const others = byKey(shown);
  const expected = byKey(its.map((item) => tagged(item, undefined, showing) as Item));
  for (const [index, want] of expected.entries()) {
    const other = others[index];
    if (!other) return 'is missing';
    const difference = differentItem(want, other, showing);
    if (difference !== undefined) return `${keyOf(want)}: ${difference}`;
  }
  return undefined;
}

/** @param want - tagged, under the member's version */
function differentItem(want: Item, other: Item, { kind }: Showing): string | undefined {
  if (
    want.metadata.resourceVersion !== undefined &&
    !VERSION.test(other.metadata.resourceVersion ?? '')
  )
    return `version ${String(other.metadata.resourceVersion)}`;
  const metadata: Json = {
    ...want.metadata,
    ...(want.metadata.resourceVersion !== undefined && {
      resourceVersion: other.metadata.resourceVersion,
    }),
    ...(kind === 'namespaces' && { uid: (other.metadata as Json)['uid'] }),
  };
  return differentValues(withoutTraces({ ...want, metadata }), withoutTraces(other));
}

const TRACES =
  /^(deprecated\.daemonset\.template\.generation|autoscaling\.alpha\.kubernetes\.io\/.*)$/;

/** A kube-apiserver shows these annotations of its conversions in objects, but not in metadata alone. */
function withoutTraces(item: Json): Json {
  if (item['kind'] !== 'PartialObjectMetadata') return item;
  const metadata = item['metadata'] as Json;
  const annotations = Object.entries((metadata['annotations'] as Json | undefined) ?? {});
  const kept = annotations.filter(([key]) => !TRACES.test(key));
  return { ...item, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
}

/** The path of the first difference. */
function differentValues(want: unknown, other: unknown, path = ''): string | undefined {
  if (typeof want !== 'object' || want === null || typeof other !== 'object' || other === null) {
    return want === other
      ? undefined
      : `${path} is ${JSON.stringify(other)}, not ${JSON.stringify(want)}`;
  }
  for (const key of new Set([...Object.keys(want), ...Object.keys(other)])) {
    const difference = differentValues((want as Json)[key], (other as Json)[key], `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function differentTables(its: Table, shown: Table, showing: Showing): string | undefined {
  const place =
    Math.max(
      0,
      its.columnDefinitions.findIndex(({ format }) => format === 'name'),
    ) + 1;
  if (shown.columnDefinitions[place]?.name !== 'Cluster')
    return 'has no column of clusters after the name';
  const columns = shown.columnDefinitions.toSpliced(place, 1);
  const ofColumns = differentValues(its.columnDefinitions, columns, 'columns');
  if (ofColumns !== undefined) return ofColumns;
  if (its.rows.length !== shown.rows.length)
    return `${shown.rows.length} rows are not ${its.rows.length}`;
  const suffix =
    showing.naming === 'Qualified' && showing.kind !== 'namespaces' ? `@${showing.cluster}` : '';
  const rowKey = ({ cells, object }: Row): string =>
    `${(object as Item | null)?.metadata.namespace ?? ''}/${String(cells[place - 1]).replace(suffix, '')}`;
  const byKey = (rows: readonly Row[]): Row[] =>
    [...rows].sort((a, b) =>
      rowKey(a) < rowKey(b)
        ? -1
        : rowKey(a) > rowKey(b)
          ? 1
          : JSON.stringify(a.cells) < JSON.stringify(b.cells)
            ? -1
            : 1,
    );
  const others = byKey(shown.rows);
  for (const [index, row] of byKey(its.rows).entries()) {
    const difference = differentRow(row, others[index], { ...showing, place, suffix });
    if (difference !== undefined) return `${rowKey(row)}: ${difference}`;
  }
  return undefined;
}

function differentRow(
  its: Row,
  shown: Row | undefined,
  showing: Showing & { place: number; suffix: string },
): string | undefined {
  const { place, suffix, cluster } = showing;
  if (!shown) return 'is missing';
  if (shown.cells[place] !== cluster) return `is of ${String(shown.cells[place])}`;
  const cells = shown.cells.toSpliced(place, 1);
  const own = its.cells.with(
    place - 1,
    String(its.cells[place - 1]).replace(/^\S+/, `$&${suffix}`),
  );
  const at = own.findIndex((cell, index) => !sameCell(cell, cells[index]));
  if (at >= 0 || cells.length !== own.length)
    return `cell ${at} is ${JSON.stringify(cells[at])}, not ${JSON.stringify(own[at])}`;
  const [itsObject, shownObject] = [its.object, shown.object];
  const without = (row: Row): Json => ({ ...row, cells: undefined, object: undefined });
  const ofRest = differentValues(without(its), without(shown));
  if (ofRest !== undefined) return ofRest;
  if ((itsObject as Item | null) === null) return differentValues(itsObject, shownObject, 'object');
  return differentItem(tagged(itsObject, undefined, showing) as Item, shownObject, showing);
}

function differentObjects(its: Reply, shown: Reply, showing: Showing): string | undefined {
  if (its.code !== shown.code)
    return `code ${shown.code} is not ${its.code}: ${shown.text.slice(0, 200)}`;
  if (its.headers['content-type'] !== shown.headers['content-type'])
    return `content-type ${String(shown.headers['content-type'])}`;
  const [own, other] = [parse(its.text) as Item, parse(shown.text) as Item];
  if (own['kind'] === 'Table')
    return differentTables(own as unknown as Table, other as unknown as Table, showing);
  return differentItem(tagged(own, undefined, showing) as Item, other, showing);
}

function linesOf({ text }: Reply): WatchLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WatchLine);
}

const ENDS_INITIAL = 'k8s.io/initial-events-end';
const endsInitial = ({ type, object }: WatchLine): boolean =>
  type === 'BOOKMARK' && object.metadata.annotations?.[ENDS_INITIAL] === 'true';

function differentLines(
  its: readonly WatchLine[],
  shown: readonly WatchLine[],
  showing: Showing,
): string | undefined {
  const [itsEnd, shownEnd] = [its.findIndex(endsInitial), shown.findIndex(endsInitial)];
  if (itsEnd < 0 || shownEnd < 0)
    return `the initial events end at ${shownEnd}, there at ${itsEnd}`;
  const types = new Set(shown.slice(0, shownEnd).map(({ type }) => type));
  types.delete('ADDED');
  if (types.size > 0) return `begins with ${[...types].join()}`;
  const objects = (lines: readonly WatchLine[], end: number): Item[] =>
    lines.slice(0, end).map(({ object }) => object);
  // Whatever else is in the object of a bookmark is empty.
  const bookmarks = [its[itsEnd]?.object, shown[shownEnd]?.object].map((object) => ({
    kind: object?.['kind'],
    apiVersion: object?.['apiVersion'],
    isVersioned: object?.metadata.resourceVersion !== undefined,
  }));
  return (
    differentItems(objects(its, itsEnd), objects(shown, shownEnd), showing) ??
    differentValues(bookmarks[0], bookmarks[1], 'bookmark')
  );
}

/** What tells an answer apart, without versions and names that are each server's own. */
function summary(reply: Reply, cluster: string): object {
  const body = reply.json() as Partial<List> & Json;
  const { kind, reason, details = {}, items = [], metadata } = body;
  const causes = (
    (details as Json)['causes'] as { reason: string; field?: string }[] | undefined
  )?.map(({ reason: why, field }) => ({ why, field }));
  return {
    code: reply.code,
    kind,
    reason,
    causes,
    retry: reply.headers['retry-after'],
    names: items.map((item) => item.metadata.name.replace(`@${cluster}`, '')),
    continues: metadata?.continue !== undefined,
    remaining: metadata?.remainingItemCount,
  };
}

/** Types and names up to what is no initial event any more; ordinary bookmarks come when they like. */
function beginningOf(lines: readonly WatchLine[], cluster: string): string[] {
  const events = lines
    .filter((line) => line.type !== 'BOOKMARK' || endsInitial(line))
    .map((line) =>
      line.type === 'ERROR'
        ? `ERROR ${String(line.object['reason'])}`
        : `${line.type} ${(line.object.metadata.name as string | undefined)?.replace(`@${cluster}`, '') ?? ''}`,
    );
  return events.sort();
}
