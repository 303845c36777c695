import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ClientKind } from '../clients/client-process.ts';
import { builtProgram, LANGUAGES, programSkipReason } from '../clients/programs.ts';
import { tellStory, titleOf, type ClientRecord } from '../clients/tell-story.ts';
import {
  eventually,
  rigSkipReason,
  startFleet,
  writeKubeconfig,
  type Fleet,
} from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

interface StockClient extends ClientKind {
  /** How the library encodes what it writes. */
  readonly bodyType: string;
  /** Lists it makes at its start: none where the watch itself begins with the objects. */
  readonly lists: number;
  /** Watches anew, from where it was, after half a minute without an event. */
  readonly endsQuietWatches?: boolean;
}

const JSON_BODY = 'application/json';
const PROTOBUF_BODY = 'application/vnd.kubernetes.protobuf';

const CLIENTS: readonly StockClient[] = [
  { language: 'go', mode: 'informer', bodyType: PROTOBUF_BODY, lists: 1 },
  { language: 'go', mode: 'watchlist', bodyType: PROTOBUF_BODY, lists: 0 },
  { language: 'go', mode: 'dynamic', bodyType: JSON_BODY, lists: 0 },
  {
    language: 'typescript',
    mode: 'informer',
    bodyType: JSON_BODY,
    lists: 1,
    endsQuietWatches: true,
  },
  { language: 'python', mode: 'list-watch', bodyType: JSON_BODY, lists: 1 },
  { language: 'python', mode: 'informer', bodyType: JSON_BODY, lists: 1 },
  { language: 'rust', mode: 'watcher', bodyType: JSON_BODY, lists: 1 },
  { language: 'rust', mode: 'reflector', bodyType: JSON_BODY, lists: 1 },
  { language: 'rust', mode: 'streaming', bodyType: JSON_BODY, lists: 0 },
  { language: 'java', mode: 'informer', bodyType: JSON_BODY, lists: 1 },
  { language: 'java', mode: 'http-informer', bodyType: JSON_BODY, lists: 1 },
];

const MEMBERS = ['amsterdam', 'berlin', 'chicago'];
const MORTAL = 'berlin';

const rigMissing = rigSkipReason();
const missing = new Set(LANGUAGES.filter((language) => programSkipReason(language)));
const runnable = CLIENTS.filter(({ language }) => !missing.has(language));
const table = CLIENTS.map((client) => ({ ...client, title: titleOf(client) }));
const isMissing = ({ language }: ClientKind): boolean => missing.has(language);

describe.skipIf(rigMissing)('stock client libraries', { timeout: 20_000 }, () => {
  let fleet: Fleet;
  let flotilla: Flotilla;

  beforeAll(async () => {
    await Promise.all(runnable.map(async ({ language }) => builtProgram(language)));
    fleet = await startFleet({
      members: [
        { name: 'amsterdam' },
        { name: 'berlin' },
        { name: 'chicago', version: '1.34' },
        { name: 'alone' },
      ],
    });
    flotilla = await startFlotilla({
      kubeconfig: fleet.kubeconfig,
      args: ['--contexts', MEMBERS.join(',')],
    });
  }, 1_800_000);

  afterAll(async () => {
    await flotilla.stop();
    await fleet.stop();
  });

  describe('on view all', () => {
    let records: ReadonlyMap<string, ClientRecord>;

    beforeAll(async () => {
      records = await tellStory({
        kinds: runnable,
        kubeconfig: flotilla.kubeconfig,
        context: 'flotilla-all',
        members: MEMBERS.map((name) => fleet.member(name)),
        mortal: fleet.member(MORTAL),
        untilMissed: async () => {
          await eventually('a warning that names the dead member', async () => {
            const read = await flotilla.kubectl(['get', 'configmaps', '-n', 'clients']);
            return read.stderr.includes(MORTAL);
          });
        },
        isView: true,
      });
    }, 300_000);

    describe.for(table)('$title', (client) => {
      const chapter = <Name extends ChapterName>(name: Name): Chapters[Name] =>
        chapterOf(records.get(client.title), name);

      it.skipIf(isMissing(client))('begins with all objects of all members', () => {
        const { objects, truth } = chapter('synced');

        expect(objects).toEqual(truth);
        expect(Object.keys(truth)).toContain(`clients/untouched@${MORTAL}`);
      });

      it.skipIf(isMissing(client))('keeps what it knows of a dead member, and follows on', () => {
        const { objects, truth } = chapter('duringDeath');

        expect(objects).toEqual(truth);
      });

      it.skipIf(isMissing(client))('holds the truth after its return', () => {
        const { objects, truth } = chapter('afterReturn');

        expect(objects).toEqual(truth);
      });

      it.skipIf(isMissing(client))('was told only what had really changed', () => {
        const { changes } = chapter('afterReturn').cache;

        const atStart = Object.keys(chapter('synced').truth).length;
        const each = MEMBERS.length;
        expect(changes).toEqual({ added: atStart + each, updated: each, deleted: each });
      });

      // A WebSocket that is refused would be one watch more: the library goes on without it.
      it.skipIf(isMissing(client))('never listed or watched again and met no error', () => {
        const { requests, troubles } = chapter('afterReturn').cache;

        expect(requests.list).toBe(client.lists);
        if (!client.endsQuietWatches) expect(requests.watch).toBe(1);
        expect(troubles).toEqual([]);
      });

      it.skipIf(isMissing(client))('lists the same in pages', () => {
        const { objects, truth } = chapter('pages');

        expect(objects).toEqual(truth);
      });

      it.skipIf(isMissing(client))('writes the one object that it names', () => {
        const { written, reply, inMember, bodyType } = chapter('write');

        expect(written).toEqual({ amsterdam: 'yes', berlin: undefined, chicago: undefined });
        expect(reply).toEqual(inMember);
        expect(bodyType).toBe(client.bodyType);
      });

      it.skipIf(isMissing(client))('ends with a cache equal to the truth', () => {
        const { objects, truth } = chapter('afterWrites');

        expect(objects).toEqual(truth);
        expect(chapter('exitCode')).toBe(0);
      });
    });
  });

  // The judge: what fails here is a fault of the programs, not of the view.
  describe('on a plain kube-apiserver', () => {
    let records: ReadonlyMap<string, ClientRecord>;

    beforeAll(async () => {
      const alone = fleet.member('alone');
      const kubeconfig = join(fleet.directory, 'alone.kubeconfig');
      // fabric8 knows a key of an elliptic curve by this form only, which Kubernetes' own tools write.
      const key = createPrivateKey(alone.client.key).export({ type: 'sec1', format: 'pem' });
      const credential = { certificate: alone.client.certificate, key: key.toString() };
      const { name, url, authority } = alone;
      await writeKubeconfig(kubeconfig, [{ name, url, authority, credential }]);
      records = await tellStory({
        kinds: runnable,
        kubeconfig,
        context: 'alone',
        members: [alone],
        isView: false,
      });
    }, 300_000);

    it.for(table)('$title follows, lists and writes', (client, { skip }) => {
      if (isMissing(client)) skip();
      const chapter = <Name extends ChapterName>(name: Name): Chapters[Name] =>
        chapterOf(records.get(client.title), name);

      const atStart = Object.keys(chapter('synced').truth).length;
      expect(chapter('afterReturn').objects).toEqual(chapter('afterReturn').truth);
      expect(chapter('afterReturn').cache).toMatchObject({
        changes: { added: atStart + 1, updated: 1, deleted: 1 },
        requests: { list: client.lists },
        troubles: [],
      });
      expect(chapter('pages').objects).toEqual(chapter('pages').truth);
      expect(chapter('write')).toMatchObject({
        written: { alone: 'yes' },
        bodyType: client.bodyType,
      });
      expect(chapter('afterWrites').objects).toEqual(chapter('afterWrites').truth);
      expect(chapter('exitCode')).toBe(0);
    });
  });
});

type ChapterName = Exclude<keyof ClientRecord, 'failure'>;
type Chapters = Required<ClientRecord>;

/** @throws with the client's own words when it did not get as far */
function chapterOf<Name extends ChapterName>(
  record: ClientRecord | undefined,
  name: Name,
): Chapters[Name] {
  const chapter = record?.[name];
  if (chapter === undefined) throw new Error(record?.failure ?? 'it was never started');
  // The check above is lost on an indexed type.
  return chapter as Chapters[Name];
}
