import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ClientKind } from '../clients/client-process.ts';
import { builtProgram, LANGUAGES, programSkipReason } from '../clients/programs.ts';
import { tellStory, titleOf, type Record } from '../clients/tell-story.ts';
import { rigSkipReason, startFleet, type Fleet } from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

interface StockClient extends ClientKind {
  /** How the library encodes what it writes. */
  readonly bodyType: string;
  /** Lists it makes at its start: none where the watch itself begins with the objects. */
  readonly lists: number;
}

const JSON_BODY = 'application/json';
const PROTOBUF_BODY = 'application/vnd.kubernetes.protobuf';

const CLIENTS: readonly StockClient[] = [
  { language: 'go', mode: 'informer', bodyType: PROTOBUF_BODY, lists: 1 },
  { language: 'go', mode: 'watchlist', bodyType: PROTOBUF_BODY, lists: 0 },
  { language: 'go', mode: 'dynamic', bodyType: JSON_BODY, lists: 0 },
  { language: 'typescript', mode: 'informer', bodyType: JSON_BODY, lists: 1 },
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
    let records: ReadonlyMap<string, Record>;

    beforeAll(async () => {
      records = await tellStory({
        kinds: runnable,
        kubeconfig: flotilla.kubeconfig,
        context: 'flotilla-all',
        members: MEMBERS.map((name) => fleet.member(name)),
        mortal: fleet.member(MORTAL),
        isView: true,
      });
    }, 300_000);

    describe.for(table)('$title', (client) => {
      const told = (): Record => records.get(client.title) ?? {};

      it.skipIf(isMissing(client))('got through it all', () => {
        expect(told()).toMatchObject({ exitCode: 0 });
        expect(told().failure).toBeUndefined();
      });

      it.skipIf(isMissing(client))('begins with all objects of all members', () => {
        const { synced } = told();

        expect(synced?.objects).toEqual(synced?.truth);
        expect(Object.keys(synced?.truth ?? {})).toContain(`clients/untouched@${MORTAL}`);
      });

      it.skipIf(isMissing(client))('keeps what it knows of a dead member, and follows on', () => {
        const { duringDeath } = told();

        expect(duringDeath?.objects).toEqual(duringDeath?.truth);
      });

      it.skipIf(isMissing(client))('holds the truth after its return', () => {
        const { afterReturn } = told();

        expect(afterReturn?.objects).toEqual(afterReturn?.truth);
      });

      it.skipIf(isMissing(client))('was told only what had really changed', () => {
        const { synced, afterReturn } = told();

        const atStart = Object.keys(synced?.truth ?? {}).length;
        const each = MEMBERS.length;
        expect(afterReturn?.cache.changes).toEqual({
          added: atStart + each,
          updated: each,
          deleted: each,
        });
      });

      it.skipIf(isMissing(client))('never listed again and met no error', () => {
        const { afterReturn } = told();

        expect(afterReturn?.cache.requests.list).toBe(client.lists);
        expect(afterReturn?.cache.troubles).toEqual([]);
      });

      it.skipIf(isMissing(client))('lists the same in pages', () => {
        const { pages } = told();

        expect(pages?.objects).toEqual(pages?.truth);
      });

      it.skipIf(isMissing(client))('writes the one object that it names', () => {
        const { write } = told();

        expect(write?.written).toEqual({ amsterdam: 'yes', berlin: undefined, chicago: undefined });
        expect(write?.reply).toEqual(write?.inMember);
        expect(write?.bodyType).toBe(client.bodyType);
      });

      it.skipIf(isMissing(client))('ends with a cache equal to the truth', () => {
        const { afterWrites } = told();

        expect(afterWrites?.objects).toEqual(afterWrites?.truth);
      });
    });
  });

  // The judge: what fails here is a fault of the programs, not of the view.
  describe('on a plain kube-apiserver', () => {
    let records: ReadonlyMap<string, Record>;

    beforeAll(async () => {
      records = await tellStory({
        kinds: runnable,
        kubeconfig: fleet.kubeconfig,
        context: 'alone',
        members: [fleet.member('alone')],
        isView: false,
      });
    }, 300_000);

    it.for(table)('$title follows, lists and writes', (client, { skip }) => {
      if (isMissing(client)) skip();
      const told = records.get(client.title) ?? {};
      const { synced, afterReturn, pages, write, afterWrites } = told;

      expect(told).toMatchObject({ exitCode: 0 });
      expect(afterReturn?.objects).toEqual(afterReturn?.truth);
      const atStart = Object.keys(synced?.truth ?? {}).length;
      expect(afterReturn?.cache).toMatchObject({
        changes: { added: atStart + 1, updated: 1, deleted: 1 },
        requests: { list: client.lists },
        troubles: [],
      });
      expect(pages?.objects).toEqual(pages?.truth);
      expect(write).toMatchObject({ written: { alone: 'yes' }, bodyType: client.bodyType });
      expect(afterWrites?.objects).toEqual(afterWrites?.truth);
    });
  });
});
