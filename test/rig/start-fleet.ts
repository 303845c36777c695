import { join } from 'node:path';

import { startEtcd } from './etcd.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startMember, type Member, type MemberOptions } from './member.ts';
import { createRigContext } from './rig-context.ts';

/** What a fleet consists of. */
export interface FleetOptions {
  readonly members: readonly MemberOptions[];
  /**
   * One more cluster, to register aggregated APIs in: it runs only the controllers that a host of the
   * control plane needs, so nothing there becomes a pod.
   */
  readonly host?: MemberOptions;
}

/** Real clusters on this machine, all on one etcd. */
export interface Fleet {
  readonly members: readonly Member[];
  readonly host: Member | undefined;
  /** @throws when there is no member of that name */
  readonly member: (name: string) => Member;
  /** A file with a context for each member (not the host); the first is current. */
  readonly kubeconfig: string;
  /** Temporary folder, gone after `stop`; logs are in `logs/`. */
  readonly directory: string;
  /** Ends all processes and removes the folder. */
  readonly stop: () => Promise<void>;
}

/** Starts clusters; when one fails, none is left behind. */
export async function startFleet({ members: wanted, host }: FleetOptions): Promise<Fleet> {
  const context = await createRigContext();
  try {
    const etcd = await startEtcd(context);
    const place = { context, etcdUrl: etcd.url };
    const starting = wanted.map(async (options) => startMember(place, options));
    const hostStarting = host && startMember({ ...place, role: 'host' }, host);
    const members = await allOrThrow(starting);
    const startedHost = await hostStarting;
    const kubeconfig = join(context.directory, 'kubeconfig');
    await writeKubeconfig(
      kubeconfig,
      members.map(({ name, url, authority, client }) => ({
        name,
        url,
        authority,
        credential: client,
      })),
    );
    return {
      members,
      host: startedHost,
      member: (name) => {
        const found = members.find((member) => member.name === name);
        if (!found) throw new Error(`the fleet has no member ${name}`);
        return found;
      },
      kubeconfig,
      directory: context.directory,
      stop: context.watchdog.end,
    };
  } catch (error) {
    await context.watchdog.end();
    throw error;
  }
}

/** Waits for all before it throws, so that nobody is still starting when the cleaning begins. */
async function allOrThrow<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return Promise.all(promises);
}
