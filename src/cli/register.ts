import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { callHost, type Host } from '../identity/index.ts';
import { StatusError } from '../kube/index.ts';
import {
  applyToHost,
  deleteFromHost,
  holds,
  nameOf,
  readFromHost,
  resourceOf,
} from './host-objects.ts';
import {
  OWNER_LABEL,
  endpointSlice,
  registrationObjects,
  type Manifest,
  type RegistrationOptions,
} from './registration-objects.ts';

/** Often enough that a caBundle that somebody has overwritten is right again within the minute. */
const KEEP_EVERY_MS = 30_000;
/** Soon after a registration, so that what is wrong with it is told soon. */
const FIRST_LOOK_MS = 5_000;

/**
 * Makes the host know this server. What stands there already is left alone, so that a server with
 * few rights can check what an administrator has applied.
 * @returns the names of what was made or changed
 * @throws Conflict when something there is not ours, Forbidden with every right that misses: nothing
 * was changed then
 */
export async function register(host: Host, options: RegistrationOptions): Promise<string[]> {
  const wanted = await registrationObjects(options);
  const surplus = await surplusSlice(host, wanted);
  const pairs = await Promise.all(
    wanted.map(async (manifest) => ({ manifest, there: await readFromHost(host, manifest) })),
  );
  const strangers = pairs.filter(({ there }) => there && !isOurs(there));
  if (strangers.length > 0) {
    const names = strangers.map(({ manifest }) => nameOf(manifest)).join(', ');
    const { key, value } = OWNER_LABEL;
    throw new StatusError(
      'Conflict',
      `the host has ${names} of somebody else's (without label ${key}=${value}): nothing was changed`,
    );
  }
  const open = pairs.filter(({ manifest, there }) => !there || !holds(there, manifest));
  await checkRights(host, open);
  for (const { manifest, there } of open) {
    // Ports and selector of the way it led before would stay, in part, beside the new ones.
    if (there && manifest.kind === 'Service') await deleteFromHost(host, manifest);
    await applyToHost(host, manifest);
  }
  if (surplus) await deleteFromHost(host, surplus);
  return open.map(({ manifest }) => nameOf(manifest));
}

/** The EndpointSlice of an earlier address would lead the host there still. */
async function surplusSlice(
  host: Host,
  wanted: readonly Manifest[],
): Promise<Manifest | undefined> {
  if (wanted.some(({ kind }) => kind === 'EndpointSlice')) return undefined;
  const slice = await readFromHost(host, endpointSlice({ host: '', port: 0 }, {}));
  return slice && isOurs(slice) ? slice : undefined;
}

/** Whether an object was made to register us. */
export function isOurs({ metadata }: Manifest): boolean {
  return metadata.labels?.[OWNER_LABEL.key] === OWNER_LABEL.value;
}

interface Open {
  readonly manifest: Manifest;
  readonly there: Manifest | undefined;
}

/** Asked before the first change, so that a registration is whole or not at all. */
async function checkRights(host: Host, open: readonly Open[]): Promise<void> {
  const needs = open.flatMap(({ manifest, there }) =>
    neededVerbs(manifest, there).map((verb) => ({ manifest, verb })),
  );
  const answers = await Promise.all(
    needs.map(async (need) => ({ ...need, isAllowed: await isAllowed(host, need) })),
  );
  const missing = answers.filter((answer) => !answer.isAllowed);
  if (missing.length === 0) return;
  const lines = missing.map(({ manifest, verb }) => {
    const { group, resource } = resourceOf(manifest);
    return `  ${verb} ${resource}${group === '' ? '' : `.${group}`} (${nameOf(manifest)})`;
  });
  const message = "registering needs rights that the host's kubeconfig does not have:";
  throw new StatusError('Forbidden', [message, ...lines, 'nothing was changed'].join('\n'));
}

function neededVerbs({ kind }: Manifest, there: Manifest | undefined): string[] {
  if (!there) return ['create', 'patch'];
  return kind === 'Service' ? ['delete', 'create', 'patch'] : ['patch'];
}

async function isAllowed(
  host: Host,
  { manifest, verb }: { manifest: Manifest; verb: string },
): Promise<boolean> {
  const { name, namespace = '' } = manifest.metadata;
  const resourceAttributes = { ...resourceOf(manifest), verb, name, namespace };
  const review = await callHost<{ readonly status?: { readonly allowed?: boolean } }>(host, {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    },
  });
  return review.status?.allowed === true;
}

export interface KeepOptions extends RegistrationOptions {
  readonly log: Logger;
}

/**
 * Looks after the APIServices while we serve: puts the caBundle right, tells whether the host reaches
 * us. What somebody has taken away stays away.
 * @returns what ends it
 */
export function keepRegistration(host: Host, { log, ...options }: KeepOptions): () => void {
  const told = new Map<string, string>();
  const tell = (name: string, state: string, level: 'info' | 'warn'): void => {
    if (told.get(name) === state) return;
    told.set(name, state);
    log[level]({ apiService: name }, state);
  };
  const look = async (): Promise<void> => {
    const wanted = await registrationObjects(options);
    for (const manifest of wanted.filter(({ kind }) => kind === 'APIService')) {
      const there = await readFromHost(host, manifest);
      const { name } = manifest.metadata;
      if (!there || !isOurs(there)) {
        tell(name, 'no longer registered with the host', 'warn');
        continue;
      }
      if (!holds(there, manifest)) {
        await applyToHost(host, manifest);
        log.info({ apiService: name }, 'registration was put right');
      }
      const { isAvailable, message } = availability(there);
      tell(name, isAvailable ? 'available at the host' : message, isAvailable ? 'info' : 'warn');
    }
  };
  const run = (): void => {
    look().catch((err: unknown) => {
      log.warn({ err }, 'the registration could not be checked');
    });
  };
  const first = setTimeout(run, FIRST_LOOK_MS).unref();
  const every = setInterval(run, KEEP_EVERY_MS).unref();
  return () => {
    clearTimeout(first);
    clearInterval(every);
  };
}

/** A host that does not answer must not hold up our end. */
const WITHDRAW_LIMIT_MS = 3_000;

/**
 * Takes the APIServices away, nothing else: for a server that ends and has no other to take over. A
 * host can't finish deleting its own namespaces while an APIService leads nowhere. Those that lead to
 * another server by now are left.
 */
export async function withdraw(host: Host, { log, ...options }: KeepOptions): Promise<void> {
  const takeAway = async (manifest: Manifest): Promise<void> => {
    const there = await readFromHost(host, manifest);
    if (there && holds(there, manifest)) await deleteFromHost(host, manifest);
  };
  const wanted = await registrationObjects(options);
  const done = Promise.all(wanted.filter(({ kind }) => kind === 'APIService').map(takeAway));
  const isLate = sleep(WITHDRAW_LIMIT_MS, 'late', { ref: false });
  try {
    const outcome = await Promise.race([done, isLate]);
    if (outcome === 'late') throw new StatusError('Timeout', 'the host does not answer');
    log.info('the registration was withdrawn');
  } catch (err) {
    log.warn({ err }, 'the registration could not be withdrawn: flotilla unregister takes it back');
  }
}

interface ApiServiceStatus {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

function availability(apiService: Manifest & ApiServiceStatus): {
  isAvailable: boolean;
  message: string;
} {
  const condition = apiService.status?.conditions?.find(({ type }) => type === 'Available');
  const message = `the host does not reach us: ${condition?.message ?? 'it has not tried yet'}`;
  return { isAvailable: condition?.status === 'True', message };
}
