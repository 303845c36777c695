import { UNREGISTER_SETTINGS, loadConfig } from '../config/index.ts';
import { callHost, type Host } from '../identity/index.ts';
import { toStatusError } from '../kube/index.ts';
import type { Command, CommandContext } from './command.ts';
import { deleteFromHost, nameOf, readFromHost } from './host-objects.ts';
import { isOurs } from './register.ts';
import {
  NAMESPACE,
  endpointSlice,
  registrationObjects,
  type Manifest,
} from './registration-objects.ts';
import { connectHost } from './serve.ts';
import { openLog } from './serve-until-end.ts';

export const unregisterCommand: Command = {
  name: 'unregister',
  summary: 'Takes back from a host cluster what registered this server there.',
  settings: UNREGISTER_SETTINGS,
  run: unregister,
};

async function unregister({ args, environment, stdout }: CommandContext): Promise<number> {
  const { hostKubeconfig } = loadConfig(UNREGISTER_SETTINGS, { args, environment });
  const log = openLog({ logLevel: 'warn' });
  const host = await connectHost(hostKubeconfig, { environment, log });
  const say = (line: string): void => void stdout.write(`${line}\n`);
  try {
    return (await takeBack(host, say)) ? 0 : 1;
  } finally {
    await host.close();
  }
}

/**
 * The APIServices go first: from then on nobody is sent to us. What can't be deleted is told, and the
 * rest goes on.
 * @returns whether nothing of ours is left
 */
async function takeBack(host: Host, say: (line: string) => void): Promise<boolean> {
  let isClean = true;
  for (const manifest of await everyObject()) {
    try {
      say(await takeBackOne(host, manifest));
    } catch (thrown) {
      isClean = false;
      say(`${nameOf(manifest)} is left: ${toStatusError(thrown).message}`);
    }
  }
  return isClean;
}

async function everyObject(): Promise<Manifest[]> {
  const fixed = await registrationObjects({ caBundle: '', advertise: undefined });
  const slice = endpointSlice({ host: '', port: 0 }, {});
  return [...fixed, slice].reverse().sort((one, other) => rank(one) - rank(other));
}

function rank({ kind }: Manifest): number {
  if (kind === 'APIService') return 0;
  return kind === 'Namespace' ? 2 : 1;
}

async function takeBackOne(host: Host, manifest: Manifest): Promise<string> {
  const there = await readFromHost(host, manifest);
  const name = nameOf(manifest);
  if (!there) return `${name} is not there`;
  if (!isOurs(there)) return `${name} is not ours: left as it is`;
  const others = manifest.kind === 'Namespace' ? await othersIn(host) : [];
  if (others.length > 0)
    return `${name} holds more than ours (${others.join(', ')}): left as it is`;
  const wasThere = await deleteFromHost(host, manifest);
  return wasThere ? `${name} deleted` : `${name} is not there`;
}

const CONTENTS = [
  ...['configmaps', 'persistentvolumeclaims', 'pods', 'secrets'].map((one) => `/api/v1/${one}`),
  ...['daemonsets', 'deployments', 'statefulsets'].map((one) => `/apis/apps/v1/${one}`),
];

/** What people have put into our namespace: it is theirs to delete. */
async function othersIn(host: Host): Promise<string[]> {
  const lists = await Promise.all(
    CONTENTS.map(async (path) => {
      const cut = path.lastIndexOf('/');
      const resource = path.slice(cut + 1);
      const { items = [] } = await callHost<{ readonly items?: readonly Manifest[] }>(host, {
        method: 'GET',
        path: `${path.slice(0, cut)}/namespaces/${NAMESPACE}/${resource}`,
      });
      return items.map(({ metadata: { name } }) => `${resource}/${name}`);
    }),
  );
  return lists.flat().filter((name) => name !== 'configmaps/kube-root-ca.crt');
}
