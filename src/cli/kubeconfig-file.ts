import { createPrivateKey } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { readIfThere, writePrivateFile, type KeyPair } from '../identity/index.ts';
import { OWN_EXTENSION } from '../kubeconfig/index.ts';

export interface KubeconfigContent {
  /** Such as `https://127.0.0.1:7443`. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly admin: KeyPair;
  readonly members: readonly string[];
}

interface NamedContext {
  readonly name: string;
  readonly server: string;
}

const ALL_CONTEXT = 'flotilla-all';
const CONTROL_PLANE_CONTEXT = 'flotilla';
const USER = 'flotilla-admin';

/** The contexts that lead to the fleet: its view `all`, this server itself, each member. */
export function contextsOf({ server, members }: KubeconfigContent): NamedContext[] {
  const taken = new Set([ALL_CONTEXT, CONTROL_PLANE_CONTEXT]);
  return [
    { name: ALL_CONTEXT, server: `${server}/apis/flotilla.io/v1alpha1/views/all/proxy` },
    { name: CONTROL_PLANE_CONTEXT, server },
    ...members.map((member) => ({
      name: freeName(`flotilla-${member}`, taken),
      server: `${server}/apis/cluster.karmada.io/v1alpha1/clusters/${member}/proxy`,
    })),
  ];
}

/** A member may be called `all`. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  while (taken.has(free)) free = `${free}-member`;
  taken.add(free);
  return free;
}

/**
 * Writes the kubeconfig when it would differ; keeps the current context that the user has chosen.
 * Private: it holds a key.
 */
export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const before = await readIfThere(path);
  const text = kubeconfigText(content, currentContext(before));
  if (text !== before) await writePrivateFile(path, text);
}

function currentContext(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = (parse(text) as Record<string, unknown> | null)?.['current-context'];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param chosen - kept as current context if there is such a one */
export function kubeconfigText(content: KubeconfigContent, chosen?: string): string {
  const contexts = contextsOf(content);
  const current = contexts.find(({ name }) => name === chosen)?.name ?? ALL_CONTEXT;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': current,
      clusters: contexts.map(({ name, server }) => ({
        name,
        cluster: {
          server,
          'certificate-authority-data': base64(content.authority),
          // Marks the address as this server's, so that it never becomes a member of itself.
          extensions: [{ name: OWN_EXTENSION, extension: {} }],
        },
      })),
      users: [
        {
          name: USER,
          user: {
            'client-certificate-data': base64(content.admin.cert),
            'client-key-data': base64(readableByAll(content.admin.key)),
          },
        },
      ],
      contexts: contexts.map(({ name }) => ({ name, context: { cluster: name, user: USER } })),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** As SEC 1, which Kubernetes' own tools write: fabric8 takes a PKCS #8 key for an RSA one. */
function readableByAll(key: string): string {
  return createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString();
}
