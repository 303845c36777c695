import { humanDuration } from './age.ts';
import { filled } from './filled.ts';
import { kind, type Kind, type Kinds } from './kind.ts';
import { formatLabels } from './labels.ts';
import { ageColumn, column, nameColumn, wide, type KubernetesObject } from './printer.ts';

interface Binding extends KubernetesObject {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
  }[];
}

interface CertificateSigningRequest extends KubernetesObject {
  readonly spec?: {
    readonly signerName?: string;
    readonly username?: string;
    readonly expirationSeconds?: number;
  };
  readonly status?: {
    readonly certificate?: string;
    readonly conditions?: readonly { readonly type: string }[];
  };
}

interface ClusterTrustBundle extends KubernetesObject {
  readonly spec?: { readonly signerName?: string };
}

interface PodCertificateRequest extends KubernetesObject {
  readonly spec?: {
    readonly podName?: string;
    readonly serviceAccountName?: string;
    readonly nodeName?: string;
    readonly signerName?: string;
    readonly unverifiedUserAnnotations?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}

const bindings: Kind = kind<Binding>(() => [
  nameColumn(),
  column('Role', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
  ageColumn(),
  ...wide<Binding>(
    column('Users', (binding) => subjects(binding, 'User')),
    column('Groups', (binding) => subjects(binding, 'Group')),
    column('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount')),
  ),
]);

/** Who may do what, and the certificates that say who someone is. */
export const accessKinds: Kinds = {
  'rolebindings.rbac.authorization.k8s.io': bindings,
  'clusterrolebindings.rbac.authorization.k8s.io': bindings,

  'certificatesigningrequests.certificates.k8s.io': kind<CertificateSigningRequest>(() => [
    nameColumn(),
    ageColumn(),
    column('SignerName', ({ spec }) => filled(spec?.signerName, '<none>')),
    column('Requestor', ({ spec }) => spec?.username ?? ''),
    column('RequestedDuration', ({ spec }) =>
      spec?.expirationSeconds === undefined
        ? '<none>'
        : humanDuration(spec.expirationSeconds * 1000),
    ),
    column('Condition', signingState),
  ]),

  'clustertrustbundles.certificates.k8s.io': kind<ClusterTrustBundle>(() => [
    nameColumn(),
    column('SignerName', ({ spec }) => filled(spec?.signerName, '<none>')),
  ]),

  'podcertificaterequests.certificates.k8s.io': kind<PodCertificateRequest>((minor) => [
    nameColumn(),
    column('PodName', ({ spec }) => spec?.podName ?? ''),
    column('ServiceAccountName', ({ spec }) => spec?.serviceAccountName ?? ''),
    column('NodeName', ({ spec }) => spec?.nodeName ?? ''),
    column('SignerName', ({ spec }) => spec?.signerName ?? ''),
    column('State', requestState),
    ...(minor >= 35
      ? [
          column<PodCertificateRequest>('UnverifiedUserAnnotations', ({ spec }) =>
            formatLabels(spec?.unverifiedUserAnnotations),
          ),
        ]
      : []),
  ]),
};

function subjects({ subjects: all = [] }: Binding, wanted: string): string {
  return all
    .filter(({ kind }) => kind === wanted)
    .map(({ kind, namespace = '', name }) =>
      kind === 'ServiceAccount' ? `${namespace}/${name}` : name,
    )
    .join(', ');
}

function signingState({ status }: CertificateSigningRequest): string {
  const has = (wanted: string): boolean =>
    status?.conditions?.some(({ type }) => type === wanted) ?? false;
  return [
    has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending',
    ...(has('Failed') ? ['Failed'] : []),
    ...(status?.certificate ? ['Issued'] : []),
  ].join(',');
}

function requestState({ status }: PodCertificateRequest): string {
  const last = status?.conditions?.findLast(({ type }) =>
    ['Issued', 'Denied', 'Failed'].includes(type),
  );
  return last?.type ?? 'Pending';
}
