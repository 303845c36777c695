import type { Member } from '../rig/index.ts';
import { startClient, type Cache, type Client, type ClientKind } from './client-process.ts';
import { isEqual, readTruth, seen, type SeenObject, type SeenObjects } from './truth.ts';

/** Who takes part, and how. */
export interface Setting {
  readonly kinds: readonly ClientKind[];
  readonly kubeconfig: string;
  readonly context: string;
  readonly members: readonly Member[];
  /** The one that dies and comes back; without it, nobody does. */
  readonly mortal?: Member;
  /** Resolves when the server says that the dead one is missed. */
  readonly untilMissed?: () => Promise<void>;
  /** True where an object's name says its cluster. */
  readonly isView: boolean;
}

/** A chapter's end: the truth, and the cache that was equal to it or had not become so in time. */
export interface Chapter {
  readonly truth: SeenObjects;
  readonly objects: SeenObjects;
  readonly cache: Cache;
}

/** What became of one client; a chapter it did not live to see is missing. */
export interface ClientRecord {
  readonly synced?: Chapter;
  readonly duringDeath?: Chapter;
  readonly afterReturn?: Chapter;
  readonly pages?: { readonly truth: SeenObjects; readonly objects: SeenObjects };
  readonly write?: {
    readonly reply: SeenObject | undefined;
    readonly bodyType: string;
    /** Cluster → `data.written` of the object of that name there. */
    readonly written: Readonly<Record<string, string | undefined>>;
    readonly inMember: SeenObject | undefined;
  };
  readonly afterWrites?: Chapter;
  readonly exitCode?: number;
  /** Why it got no further. */
  readonly failure?: string;
}

const NAMESPACE = 'clients';
const PAGE = 4;
const IN_TIME_MS = 20_000;

/** The title of a client in tests, and part of the name of the object that it writes. */
export const titleOf = ({ language, mode }: ClientKind): string => `${language}-${mode}`;

/**
 * Lets all clients live through the same: objects exist; a member dies and the others change; it comes
 * back and changes too; each client lists in pages, writes one object by name, and ends. Objects have
 * equal names in all members.
 *
 * @returns what became of each client, by title; a client's failure is part of it
 */
export async function tellStory(setting: Setting): Promise<ReadonlyMap<string, ClientRecord>> {
  const { kinds, members, mortal } = setting;
  await Promise.all(members.map(async (member) => populate(member, kinds)));
  const cast = await Promise.all(kinds.map(async (kind) => enter(kind, setting)));
  const all = async (act: (player: Player) => Promise<Partial<ClientRecord>>): Promise<void> => {
    await Promise.all(cast.map(async (player) => player.play(act)));
  };

  const atStart = await truthOf(setting);
  await all(async ({ client }) => ({ synced: await settle(client!, atStart) }));

  const lastWords = mortal && (await readTruth(mortal, NAMESPACE, setting.isView));
  await mortal?.kill();
  await setting.untilMissed?.();
  const survivors = members.filter((member) => member !== mortal);
  await Promise.all(survivors.map(change));
  const meanwhile = await truthOf({ ...setting, members: survivors });
  const known = { ...meanwhile, ...lastWords };
  await all(async ({ client }) => ({ duringDeath: await settle(client!, known) }));

  await mortal?.restart();
  if (mortal) await change(mortal);
  const afterReturn = await truthOf(setting);
  await all(async ({ client }) => ({ afterReturn: await settle(client!, afterReturn) }));

  await all(async ({ client }) => ({
    pages: { truth: afterReturn, objects: seen(await client!.list(PAGE)) },
  }));
  await all(async (player) => ({ write: await writeOne(player, setting) }));
  const atEnd = await truthOf(setting);
  await all(async ({ client }) => ({ afterWrites: await settle(client!, atEnd) }));
  await all(async ({ client }) => ({ exitCode: await client!.end() }));
  await Promise.all(cast.map(async ({ client }) => client?.end()));
  return new Map(cast.map(({ kind, record }) => [titleOf(kind), record()]));
}

interface Player {
  readonly kind: ClientKind;
  readonly client: Client | undefined;
  /** Adds what the act yields to the record; does nothing after a failure. */
  readonly play: (act: (player: Player) => Promise<Partial<ClientRecord>>) => Promise<void>;
  readonly record: () => ClientRecord;
}

async function enter(kind: ClientKind, { kubeconfig, context }: Setting): Promise<Player> {
  let record: ClientRecord = {};
  let client: Client | undefined;
  const fail = (error: unknown): void => {
    record = { ...record, failure: String(error) };
  };
  try {
    client = await startClient(kind, { kubeconfig, context, namespace: NAMESPACE });
  } catch (error) {
    fail(error);
  }
  const player: Player = {
    kind,
    client,
    play: async (act) => {
      if (record.failure !== undefined) return;
      try {
        record = { ...record, ...(await act(player)) };
      } catch (error) {
        fail(error);
      }
    },
    record: () => record,
  };
  return player;
}

/** Asks for the cache until it equals the truth, or has had time enough. */
async function settle(client: Client, truth: SeenObjects): Promise<Chapter> {
  const end = Date.now() + IN_TIME_MS;
  for (;;) {
    const cache = await client.cache();
    const objects = seen(cache.objects);
    if (isEqual(objects, truth) || Date.now() > end) return { truth, objects, cache };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function truthOf({ members, isView }: Setting): Promise<SeenObjects> {
  const parts = await Promise.all(
    members.map(async (member) => readTruth(member, NAMESPACE, isView)),
  );
  return Object.assign({}, ...parts) as SeenObjects;
}

const nameWrittenBy = (kind: ClientKind): string => `written-by-${titleOf(kind)}`;

async function populate(member: Member, kinds: readonly ClientKind[]): Promise<void> {
  const names = ['untouched', 'changing', 'doomed', ...kinds.map(nameWrittenBy)];
  await member.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await member.apply(...names.map((name) => configMap(name, { cluster: member.name })));
  // A controller puts it into every namespace: it must not come in the middle of the story.
  await member.kubectl(['wait', '-n', NAMESPACE, '--for=create', 'configmap/kube-root-ca.crt']);
}

/** One object more, one changed, one fewer. */
async function change(member: Member): Promise<void> {
  await member.apply(configMap('born', {}), configMap('changing', { is: 'changed' }));
  await member.kubectl(['delete', '-n', NAMESPACE, 'configmap', 'doomed']);
}

const configMap = (name: string, data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: NAMESPACE, labels: { part: 'story' } },
  data,
});

/** The first member's object, of a name that every member has. */
async function writeOne(
  { kind, client }: Player,
  setting: Setting,
): Promise<Required<ClientRecord>['write']> {
  const { members, isView } = setting;
  const plain = nameWrittenBy(kind);
  const name = isView ? `${plain}@${members[0]!.name}` : plain;
  const key = `${NAMESPACE}/${name}`;
  const { objects, bodyType } = await client!.write(name, 'yes');
  const truths = await Promise.all(members.map(async (each) => readTruth(each, NAMESPACE, isView)));
  const keyIn = (member: Member): string =>
    `${NAMESPACE}/${isView ? `${plain}@${member.name}` : plain}`;
  return {
    reply: seen(objects)[key],
    bodyType,
    written: Object.fromEntries(
      members.map((member, i) => [member.name, truths[i]![keyIn(member)]?.data['written']]),
    ),
    inMember: truths[0]![key],
  };
}
