import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startFlotilla } from '../e2e/flotilla.ts';
import { startFleet, type Member } from '../rig/index.ts';
import { LiveInformer } from '../support/live-informer.ts';
import { ViewClient } from '../support/view-client.ts';
import { Churn, COUNTER, NAMESPACE, WRITTEN } from './churn.ts';
import { readFootprint, type Footprint } from './footprint.ts';

export interface SoakOptions {
  readonly seconds: number;
  /** Told each line of the table as it comes. */
  readonly print: (line: string) => void;
}

export interface SoakResult {
  readonly seconds: number;
  /** What informers saw that none should; empty when all went well. */
  readonly faults: readonly string[];
  /** Informers whose cache differs from what the members hold at the end. */
  readonly differing: readonly string[];
  readonly writes: number;
  readonly events: number;
  readonly resumes: number;
  /** At a fifth of the time, and at its end. */
  readonly first: Footprint;
  readonly last: Footprint;
  /** From the write of an object of an unharmed member to the informer. */
  readonly delay: { readonly medianMs: number; readonly p99Ms: number; readonly worst: Delay[] };
}

export interface Delay {
  readonly ms: number;
  readonly name: string;
  /** When it was written, counted from the first event. */
  readonly atMs: number;
}

const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const INFORMERS = 20;
/** Writes a second to each member: until the histories are full, and then. */
const RATE = { filling: 50, steady: 15 };
const FREEZE = { everyMs: 25_000, forMs: 8_000 };
const SETTLE_MS = 30_000;
const COLLECTOR = fileURLToPath(new URL('./collect-on-signal.ts', import.meta.url));

/** Objects change on three real members, one of which freezes again and again, below many informers. */
export async function soak({ seconds, print }: SoakOptions): Promise<SoakResult> {
  const names = ['amsterdam', 'berlin', 'chicago'];
  const fleet = await startFleet({
    members: names.map((name, index) => ({
      name,
      controllers: false,
      version: index === 1 ? '1.34' : '1.36',
    })),
  });
  try {
    const churns = fleet.members.map((member) => new Churn(member, RATE.filling));
    await Promise.all(churns.map(async (churn) => churn.start()));
    const flotilla = await startFlotilla({
      kubeconfig: fleet.kubeconfig,
      args: ['--log-level', 'warn'],
      env: { NODE_OPTIONS: `--expose-gc --import=${COLLECTOR}` },
    });
    const client = await ViewClient.open(flotilla.kubeconfig, 'flotilla-all');
    const root = await ViewClient.open(flotilla.kubeconfig, 'flotilla');
    const delays: Delay[] = [];
    const watchers = startInformers(client, delays);
    try {
      const takeFootprint = async (): Promise<Footprint> => readFootprint(root, flotilla.process);
      const run = { seconds, print, churns, frozen: fleet.member('chicago'), takeFootprint };
      const footprints = await keepOn(run, watchers);
      for (const churn of churns) await churn.stop();
      const truth = await trueLines(churns);
      const differing = await settle(watchers, truth);
      return {
        seconds,
        ...footprints,
        faults: watchers.flatMap(({ title, informer }) =>
          informer.faults.map((fault) => `${title}: ${fault}`),
        ),
        differing,
        writes: churns.reduce((sum, { writes }) => sum + writes, 0),
        events: watchers.reduce((sum, { informer }) => sum + informer.events, 0),
        resumes: watchers.reduce((sum, { informer }) => sum + informer.resumes, 0),
        delay: spread(delays),
      };
    } finally {
      await Promise.all(watchers.map(async ({ informer }) => informer.close()));
      client.close();
      root.close();
      await flotilla.stop();
    }
  } finally {
    await fleet.stop();
  }
}

interface Watcher {
  readonly title: string;
  readonly informer: LiveInformer;
  readonly sees: (line: string) => boolean;
}

/** Informers of all habits: streaming and paged lists, short and long watches, with selectors and without. */
function startInformers(client: ViewClient, delays: Delay[]): Watcher[] {
  let firstMs = Infinity;
  return Array.from({ length: INFORMERS }, (_, index) => {
    const cluster = index % 5 === 3 ? 'amsterdam' : '';
    const how = {
      streamsLists: index % 2 === 0,
      pageSize: index % 3 === 0 ? 7 : 500,
      watchSeconds: index % 4 === 0 ? 3_600 : 10 + index,
      ...(cluster !== '' && { labelSelector: `flotilla.io/cluster=${cluster}` }),
    };
    const informer = new LiveInformer(client, {
      path: PATH,
      counter: COUNTER,
      ...how,
      onEvent: (type, { metadata, data }) => {
        const written = Number(data?.[WRITTEN]);
        firstMs = Math.min(firstMs, written);
        if (type === 'DELETED' || metadata.name.endsWith('@chicago')) return;
        delays.push({ ms: Date.now() - written, name: metadata.name, atMs: written - firstMs });
      },
    });
    return {
      title: `informer ${index} ${JSON.stringify(how)}`,
      informer,
      sees: (line) => cluster === '' || line.includes(`@${cluster} `),
    };
  });
}

interface Run extends SoakOptions {
  readonly churns: readonly Churn[];
  readonly frozen: Member;
  readonly takeFootprint: () => Promise<Footprint>;
}

/** The time of the soak; returns what the server held at a fifth of it and at its end. */
async function keepOn(
  { seconds, print, churns, frozen, takeFootprint }: Run,
  watchers: readonly Watcher[],
): Promise<{ first: Footprint; last: Footprint }> {
  const freezer = startFreezing(frozen);
  const startMs = Date.now();
  const measure = async (atSeconds: number): Promise<Footprint> => {
    await sleep(Math.max(0, startMs + atSeconds * 1000 - Date.now()));
    await freezer.pause();
    const footprint = await takeFootprint();
    freezer.resume();
    const events = watchers.reduce((sum, { informer }) => sum + informer.events, 0);
    print(row(Date.now() - startMs, { footprint, churns, events }));
    return footprint;
  };
  print(HEADER);
  const first = await measure(seconds / 5);
  for (const churn of churns) churn.rate = RATE.steady;
  for (let part = 2; part < 5; part += 1) await measure((seconds * part) / 5);
  const last = await measure(seconds);
  await freezer.pause();
  return { first, last };
}

/** Freezes a member for a while, again and again. */
function startFreezing(member: Member): { pause: () => Promise<void>; resume: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = setTimeout(() => {
      member.freeze();
      timer = setTimeout(() => {
        member.thaw();
        resume();
      }, FREEZE.forMs);
    }, FREEZE.everyMs - FREEZE.forMs);
  };
  resume();
  return {
    resume,
    pause: async () => {
      clearTimeout(timer);
      member.thaw();
      await sleep(5_000);
    },
  };
}

async function trueLines(churns: readonly Churn[]): Promise<string[]> {
  return (await Promise.all(churns.map(async (churn) => churn.truth()))).flat().sort();
}

/** Waits for the informers to hold what the members do; returns those that don't. */
async function settle(watchers: readonly Watcher[], truth: readonly string[]): Promise<string[]> {
  const differing = (): string[] =>
    watchers.flatMap(({ title, informer, sees }) => {
      const shown = informer.shown().filter((line) => !line.endsWith(' '));
      return shown.join('\n') === truth.filter(sees).join('\n') ? [] : [title];
    });
  for (const endMs = Date.now() + SETTLE_MS; Date.now() < endMs && differing().length > 0;)
    await sleep(200);
  return differing();
}

function spread(delays: readonly Delay[]): SoakResult['delay'] {
  const sorted = [...delays].sort((a, b) => a.ms - b.ms);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]?.ms ?? 0;
  return { medianMs: at(0.5), p99Ms: at(0.99), worst: sorted.slice(-5).reverse() };
}

const HEADER =
  '| minute | heap MB | external MB | resident MB | handles | open files | writes | events |';

function row(
  elapsedMs: number,
  parts: { footprint: Footprint; churns: readonly Churn[]; events: number },
): string {
  const { heapBytes, externalBytes, residentBytes, handles, openFiles } = parts.footprint;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const cells = [
    (elapsedMs / 60_000).toFixed(1),
    ...[heapBytes, externalBytes, residentBytes].map(megabytes),
    handles,
    openFiles,
    parts.churns.reduce((sum, { writes }) => sum + writes, 0),
    parts.events,
  ];
  return `| ${cells.join(' | ')} |`;
}
