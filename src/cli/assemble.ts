import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createCatalog, type Catalog } from '../catalog/index.ts';
import type { Environment, UpConfig } from '../config/index.ts';
import {
  authorize,
  makePrivateDirectory,
  openOwnCertificates,
  servingNames,
  type Authenticator,
  type Authorizer,
  type OwnCertificates,
} from '../identity/index.ts';
import { Informers } from '../informers/index.ts';
import { StatusError, VersionClock, badRequest, toStatusError } from '../kube/index.ts';
import { fleetFromKubeconfig } from '../kubeconfig/index.ts';
import { type Fleet, type Member } from '../members/index.ts';
import {
  createViewHandler,
  memberSnapshots,
  startServer,
  viewAccess,
  type Server,
} from '../server/index.ts';
import { Views, type MayUseView } from '../views/index.ts';
import { fileHighWaterMark } from './high-water-mark.ts';
import { lockInstance } from './instance-lock.ts';
import { writeKubeconfig } from './kubeconfig-file.ts';
import { programVersion } from './program-version.ts';

export interface Assembly {
  /** Such as `https://127.0.0.1:7443`. */
  readonly url: string;
  /** Path of the kubeconfig that was written. */
  readonly kubeconfig: string;
  /** PEM; what our serving certificates are signed by. */
  readonly authority: string;
  close(): Promise<void>;
}

/** Who may come in, and how we are told who they are. */
export interface Identity {
  /** Tried in this order. */
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly close?: () => Promise<void>;
}

export interface AssemblyOptions {
  readonly config: UpConfig;
  readonly openIdentity: (certificates: OwnCertificates) => Promise<Identity>;
  /** Names that clients reach us by, beside those of the machine. */
  readonly servingNames?: readonly string[];
  readonly environment: Environment;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const RENEWAL_CHECK_MS = 3_600_000;

/** What must be closed, in reverse order of its making. */
type Closers = (() => Promise<void> | void)[];

/**
 * Makes everything that a server consists of, in order, and starts it.
 * @throws BadRequest for what the user gave, Conflict for a data directory or port in use, Invalid
 * for broken files; whatever was made until then is closed
 */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const closers: Closers = [];
  try {
    return await make(options, closers);
  } catch (err) {
    await closeAll(closers);
    throw err;
  }
}

async function make(options: AssemblyOptions, closers: Closers): Promise<Assembly> {
  const { config } = options;
  const state = await openState(options, closers);
  const fleet = await openFleet(options, closers);
  const reads = openReads({ ...options, ...state, fleet }, closers);
  await reads.catalog.ready(config.memberDeadline);
  const server = await openServer({ ...options, ...state, ...reads, fleet }, closers);
  const url = `https://${urlHost(config.listenAddress)}:${server.port}`;
  const kubeconfig = join(config.dataDir, 'kubeconfig');
  const write = async (): Promise<void> =>
    writeKubeconfig(kubeconfig, {
      server: url,
      authority: state.certificates.authority,
      admin: state.certificates.admin(),
      members: fleet.members.map(({ name }) => name),
    });
  await write();
  keepCurrent({ ...options, ...state, ...reads, fleet, server, write }, closers);
  const { authority } = state.certificates;
  return { url, kubeconfig, authority, close: async () => closeAll(closers) };
}

interface State {
  readonly certificates: OwnCertificates;
  readonly clock: VersionClock;
  readonly identity: Identity;
}

/** What lasts longer than this process: the data directory, which no other process may use meanwhile. */
async function openState(options: AssemblyOptions, closers: Closers): Promise<State> {
  const { config, now } = options;
  const { dataDir } = config;
  await makePrivateDirectory(dataDir);
  const lock = lockInstance(dataDir);
  closers.push(() => {
    lock.release();
  });
  const certificates = await openOwnCertificates({
    directory: join(dataDir, 'pki'),
    names: [...servingNames(config.listenAddress), ...(options.servingNames ?? [])],
    now,
  });
  const identity = await options.openIdentity(certificates);
  closers.push(async () => identity.close?.());
  const highWaterMark = fileHighWaterMark(join(dataDir, 'version-mark'));
  return { certificates, identity, clock: new VersionClock({ replica: 0, now, highWaterMark }) };
}

async function openFleet(options: AssemblyOptions, closers: Closers): Promise<Fleet> {
  const { config, environment, log, now } = options;
  const { listenAddress, port } = config;
  const fleet = await fleetFromKubeconfig({
    files: config.kubeconfig,
    contexts: config.contexts,
    ownAddresses: port === 0 ? [] : [`${urlHost(listenAddress)}:${port}`],
    env: environment,
    log: log.child({ room: 'members' }),
    now,
  });
  closers.push(async () => fleet.close());
  if (fleet.members.length > 0) return fleet;
  throw badRequest(
    [
      'there is no context of a cluster to make a member of',
      'name a kubeconfig: --kubeconfig FILE (or set KUBECONFIG)',
    ].join('\n'),
  );
}

interface Reads {
  readonly catalog: Catalog;
  readonly informers: Informers;
  readonly views: Views;
}

/** What reads the members. */
function openReads(
  options: AssemblyOptions & State & { readonly fleet: Fleet },
  closers: Closers,
): Reads {
  const { fleet, clock, config, now, identity } = options;
  const log = (room: string): Logger => options.log.child({ room });
  const catalog = createCatalog({ fleet, log: log('catalog'), now });
  closers.push(async () => catalog.close());
  const informers = new Informers({
    clock,
    log: log('informers'),
    now,
    sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
    membersOf: (gvr) => membersOf(fleet, catalog.find(gvr)?.members ?? []),
    onGone: () => void catalog.refresh(),
  });
  closers.push(async () => informers.close());
  const views = new Views({
    ...{ fleet, catalog, informers, clock, now },
    log: log('views'),
    deadlineMs: config.memberDeadline,
    mayUseView: mayUseView(identity.authorizers),
  });
  fleet.start();
  catalog.start();
  informers.start();
  return { catalog, informers, views };
}

function membersOf(fleet: Fleet, names: readonly string[]): Member[] {
  return names.flatMap((name) => fleet.get(name) ?? []);
}

/** @throws what an authorizer throws when it can't decide */
function mayUseView(authorizers: readonly Authorizer[]): MayUseView {
  return async (user, view, verb) => {
    try {
      await authorize(authorizers, user, viewAccess(view, verb));
      return true;
    } catch (thrown) {
      if (toStatusError(thrown).reason === 'Forbidden') return false;
      throw thrown;
    }
  };
}

type ServerParts = AssemblyOptions & State & Reads & { readonly fleet: Fleet };

async function openServer(parts: ServerParts, closers: Closers): Promise<Server> {
  const { config, certificates, identity, clock, fleet, catalog, informers, log, now } = parts;
  const { listenAddress: address, port } = config;
  try {
    const server = await startServer({
      listen: { address, port },
      certificate: certificates.serving(),
      authenticators: identity.authenticators,
      authorizers: identity.authorizers,
      views: createViewHandler(parts.views),
      checks: [],
      apiEnablements: (member) => catalog.apiEnablements(member),
      metrics: {
        members: () => memberSnapshots({ fleet, informers }, now()),
        certificates: certificates.expiries,
      },
      ...{ fleet, clock, now },
      version: programVersion(),
      log: log.child({ room: 'server' }),
      shutdownDelayMs: config.shutdownDelay,
    });
    closers.push(async () => server.close());
    return server;
  } catch (cause) {
    throw listenFailure(cause, `${urlHost(address)}:${port}`);
  }
}

function listenFailure(cause: unknown, place: string): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const advice = 'choose another --port, or --port 0 for any that is free';
    return new StatusError('Conflict', `${place} is in use: ${advice}`, { cause });
  }
  if (code === 'EACCES') {
    const message = `${place} may not be listened on: choose another --port`;
    return new StatusError('Forbidden', message, { cause });
  }
  if (code !== 'EADDRNOTAVAIL') return cause;
  return badRequest(`${place} is not of this machine: choose another --listen-address`);
}

/** Keeps certificates, kubeconfig and our own objects in step with what changes. */
function keepCurrent(
  parts: ServerParts & { readonly server: Server; readonly write: () => Promise<void> },
  closers: Closers,
): void {
  const { certificates, catalog, fleet, informers, log, server, write } = parts;
  const fail = (err: unknown): void => {
    log.error({ err }, 'certificates or kubeconfig could not be written');
  };
  const renew = async (): Promise<void> => {
    if (!(await certificates.renew())) return;
    server.setCertificate(certificates.serving());
    await write();
    log.info('certificates were renewed');
  };
  const timer = setInterval(() => void renew().catch(fail), RENEWAL_CHECK_MS).unref();
  const ends = [
    catalog.onChange(() => {
      informers.refreshMembers();
      server.refresh();
    }),
    fleet.onChange(() => {
      informers.refreshMembers();
      write().catch(fail);
    }),
  ];
  closers.push(() => {
    clearInterval(timer);
    for (const end of ends) end();
  });
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** The address as it stands in a URL; one that listens on all is reached at this machine. */
function urlHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}
