/**
 * Keeps a cache of a namespace's ConfigMaps with @kubernetes/client-node and tells what it holds.
 * README.md one folder up says how it is talked to.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';

interface Command {
  readonly do: string;
  readonly limit?: number;
  readonly name?: string;
  readonly value?: string;
}

const { values: settings } = parseArgs({
  options: {
    kubeconfig: { type: 'string', default: '' },
    context: { type: 'string', default: '' },
    namespace: { type: 'string', default: 'default' },
    mode: { type: 'string', default: 'informer' },
  },
});
if (settings.mode !== 'informer') throw new Error(`unknown mode ${settings.mode}`);
const { namespace } = settings;

const config = new KubeConfig();
config.loadFromFile(settings.kubeconfig);
config.setCurrentContext(settings.context);
const core = config.makeApiClient(CoreV1Api);

const changes = { added: 0, updated: 0, deleted: 0 };
const requests = { list: 0, watch: 0 };
const troubles: string[] = [];

const path = `/api/v1/namespaces/${namespace}/configmaps`;
const informer = makeInformer<V1ConfigMap>(config, path, async () => {
  requests.list += 1;
  return core.listNamespacedConfigMap({ namespace });
});
informer.on('add', () => (changes.added += 1));
informer.on('update', () => (changes.updated += 1));
informer.on('delete', () => (changes.deleted += 1));
informer.on('connect', () => (requests.watch += 1));
informer.on('error', (error: unknown) => {
  troubles.push(String(error));
  // It gives up by itself; its documentation shows this.
  setTimeout(() => void informer.start(), 500);
});

const keyOf = ({ metadata }: V1ConfigMap): string => `${metadata?.namespace}/${metadata?.name}`;

const facts = (items: readonly V1ConfigMap[]): Record<string, object> =>
  Object.fromEntries(
    items.map((item) => [
      keyOf(item),
      {
        uid: item.metadata?.uid,
        resourceVersion: item.metadata?.resourceVersion,
        labels: item.metadata?.labels ?? {},
        annotations: item.metadata?.annotations ?? {},
        data: item.data ?? {},
      },
    ]),
  );

async function listPages(limit: number): Promise<V1ConfigMap[]> {
  const items: V1ConfigMap[] = [];
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { _continue: token };
    const page = await core.listNamespacedConfigMap({ namespace, limit, ...next });
    items.push(...page.items);
    token = page.metadata?._continue;
  } while (token);
  return items;
}

async function write(name: string, value: string): Promise<V1ConfigMap> {
  const object = await core.readNamespacedConfigMap({ name, namespace });
  const body = { ...object, data: { ...object.data, written: value } };
  return core.replaceNamespacedConfigMap({ name, namespace, body });
}

async function answer({ do: what, limit = 500, name = '', value = '' }: Command): Promise<object> {
  switch (what) {
    case 'cache':
      return { event: 'cache', objects: facts(informer.list()), changes, requests, troubles };
    case 'list':
      return { event: 'listed', objects: facts(await listPages(limit)) };
    case 'write':
      return {
        event: 'wrote',
        objects: facts([await write(name, value)]),
        bodyType: 'application/json',
      };
    default:
      throw new Error(`unknown command ${what}`);
  }
}

const say = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

await informer.start();
say({ event: 'synced' });
for await (const line of createInterface(process.stdin)) {
  try {
    say(await answer(JSON.parse(line) as Command));
  } catch (error) {
    say({ event: 'error', message: String(error) });
  }
}
process.exit(0);
