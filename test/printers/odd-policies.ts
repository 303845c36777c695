import { odd, type OddObject } from './odd-object.ts';

const autoscaler = odd({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
});
const budget = odd({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
});
const priorityClass = odd(
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', resource: 'priorityclasses' },
  false,
);
const flow = 'flowcontrol.apiserver.k8s.io/v1';
const flowSchema = odd({ apiVersion: flow, kind: 'FlowSchema', resource: 'flowschemas' }, false);
const priorityLevel = odd(
  { apiVersion: flow, kind: 'PriorityLevelConfiguration', resource: 'prioritylevelconfigurations' },
  false,
);
const rbac = 'rbac.authorization.k8s.io/v1';
const role = odd({ apiVersion: rbac, kind: 'Role', resource: 'roles' });
const binding = odd({ apiVersion: rbac, kind: 'RoleBinding', resource: 'rolebindings' });
const clusterBinding = odd(
  { apiVersion: rbac, kind: 'ClusterRoleBinding', resource: 'clusterrolebindings' },
  false,
);
const admission = 'admissionregistration.k8s.io/v1';
const webhook = odd(
  {
    apiVersion: admission,
    kind: 'ValidatingWebhookConfiguration',
    resource: 'validatingwebhookconfigurations',
  },
  false,
);
const mutatingWebhook = odd(
  {
    apiVersion: admission,
    kind: 'MutatingWebhookConfiguration',
    resource: 'mutatingwebhookconfigurations',
  },
  false,
);
const admissionPolicy = odd(
  {
    apiVersion: admission,
    kind: 'ValidatingAdmissionPolicy',
    resource: 'validatingadmissionpolicies',
  },
  false,
);
const admissionBinding = odd(
  {
    apiVersion: admission,
    kind: 'ValidatingAdmissionPolicyBinding',
    resource: 'validatingadmissionpolicybindings',
  },
  false,
);
const mutating = (kind: string, resource: string) =>
  odd({ apiVersion: 'admissionregistration.k8s.io/v1beta1', kind, resource }, false);
const mutatingPolicy = mutating('MutatingAdmissionPolicy', 'mutatingadmissionpolicies');
const mutatingBinding = mutating(
  'MutatingAdmissionPolicyBinding',
  'mutatingadmissionpolicybindings',
);
const lease = odd({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', resource: 'leases' });

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' };
const metric = { name: 'queue' };
const describedObject = { kind: 'Service', name: 'web', apiVersion: 'v1' };
const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization });
const average = (averageValue: string) => ({ type: 'AverageValue', averageValue });
const value = (text: string) => ({ type: 'Value', value: text });

/** One metric and what it currently is, if that is known. */
interface MetricCase {
  readonly spec: object;
  readonly status?: object;
}

const METRICS: Readonly<Record<string, readonly MetricCase[]>> = {
  'cpu-utilization': [
    {
      spec: { type: 'Resource', resource: { name: 'cpu', target: utilization(80) } },
      status: {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 45, averageValue: '450m' } },
      },
    },
  ],
  'cpu-unknown': [
    { spec: { type: 'Resource', resource: { name: 'cpu', target: utilization(80) } } },
  ],
  'memory-average': [
    {
      spec: { type: 'Resource', resource: { name: 'memory', target: average('1536Mi') } },
      status: { type: 'Resource', resource: { name: 'memory', current: { averageValue: '1Gi' } } },
    },
  ],
  container: [
    {
      spec: {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'app', target: utilization(50) },
      },
      status: {
        type: 'ContainerResource',
        containerResource: {
          name: 'cpu',
          container: 'app',
          current: { averageUtilization: 7, averageValue: '70m' },
        },
      },
    },
    {
      spec: {
        type: 'ContainerResource',
        containerResource: { name: 'memory', container: 'app', target: average('500M') },
      },
    },
  ],
  pods: [
    {
      spec: { type: 'Pods', pods: { metric, target: average('100') } },
      status: { type: 'Pods', pods: { metric, current: { averageValue: '1500m' } } },
    },
  ],
  object: [
    {
      spec: { type: 'Object', object: { metric, describedObject, target: value('2k') } },
      status: { type: 'Object', object: { metric, describedObject, current: { value: '12' } } },
    },
    { spec: { type: 'Object', object: { metric, describedObject, target: average('3') } } },
  ],
  'object-average': [
    {
      spec: { type: 'Object', object: { metric, describedObject, target: average('3') } },
      status: {
        type: 'Object',
        object: { metric, describedObject, current: { averageValue: '2', value: '4' } },
      },
    },
  ],
  external: [
    {
      spec: { type: 'External', external: { metric, target: value('30') } },
      status: { type: 'External', external: { metric, current: { value: '29' } } },
    },
    {
      spec: { type: 'External', external: { metric, target: average('30') } },
      status: { type: 'External', external: { metric, current: { averageValue: '28500m' } } },
    },
  ],
  'external-unlike': [
    {
      spec: { type: 'External', external: { metric, target: value('30') } },
      status: { type: 'External', external: { metric, current: { averageValue: '28500m' } } },
    },
  ],
  many: [
    {
      spec: { type: 'Pods', pods: { metric, target: average('100') } },
      status: { type: 'Pods', pods: { metric, current: { averageValue: '5' } } },
    },
    {
      spec: { type: 'Resource', resource: { name: 'cpu', target: utilization(80) } },
      status: {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 45, averageValue: '450m' } },
      },
    },
    { spec: { type: 'External', external: { metric, target: value('30') } } },
    { spec: { type: 'External', external: { metric: { name: 'other' }, target: value('3') } } },
  ],
};

const autoscalers = Object.entries(METRICS).map(([name, metrics]) =>
  autoscaler(name, {
    spec: {
      scaleTargetRef,
      minReplicas: 2,
      maxReplicas: 9,
      metrics: metrics.map(({ spec }) => spec),
    },
    status: {
      currentReplicas: 3,
      desiredReplicas: 3,
      currentMetrics: metrics.flatMap(({ status }) => (status ? [status] : [])),
      conditions: [{ type: 'AbleToScale', status: 'True' }],
    },
  }),
);

const subjects = [
  { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' },
  { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' },
  { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'ops' },
  { kind: 'ServiceAccount', namespace: 'odd', name: 'default' },
  { kind: 'ServiceAccount', namespace: 'odd', name: 'robot' },
];
const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'reader' });

const hook = (name: string) => ({
  name,
  clientConfig: { url: 'https://hooks.example.com/' },
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  rules: [],
});
const paramKind = { apiVersion: 'rules.example.com/v1', kind: 'Limit' };
const validations = [{ expression: 'true' }, { expression: '1 == 1' }];
const matchConstraints = {
  resourceRules: [
    { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['x'] },
  ],
};
const validationActions = ['Deny'];
const parameterNotFoundAction = 'Deny';
const selector = {
  matchLabels: { env: 'prod', app: 'x' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['b', 'a'] },
    { key: 'old', operator: 'DoesNotExist' },
  ],
};
const mutations = [
  {
    patchType: 'ApplyConfiguration',
    applyConfiguration: { expression: 'Object{}' },
  },
];
const mutatingPolicySpec = {
  reinvocationPolicy: 'Never',
  matchConstraints,
  mutations,
};

/** What rules over other objects: autoscalers, budgets, priorities, rights, admission, leases. */
export const oddPolicies: readonly OddObject[] = [
  ...autoscalers,
  autoscaler('defaults', { spec: { scaleTargetRef, maxReplicas: 3 } }),

  budget('share', {
    spec: { minAvailable: '50%', selector: {} },
    status: {
      disruptionsAllowed: 2,
      currentHealthy: 3,
      desiredHealthy: 1,
      expectedPods: 3,
    },
  }),
  budget('count', { spec: { maxUnavailable: 0 } }),

  priorityClass('high', { value: 1000, globalDefault: true, preemptionPolicy: 'Never' }),
  priorityClass('low', { value: -5 }),

  flowSchema('dangling', {
    spec: { priorityLevelConfiguration: { name: 'nowhere' }, matchingPrecedence: 77, rules: [] },
  }),
  flowSchema('by-user', {
    spec: {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 9000,
      distinguisherMethod: { type: 'ByUser' },
      rules: [],
    },
  }),
  priorityLevel('rejecting', {
    spec: {
      type: 'Limited',
      limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } },
    },
  }),
  priorityLevel('queuing', {
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 5,
        limitResponse: {
          type: 'Queue',
          queuing: { queues: 16, handSize: 4, queueLengthLimit: 20 },
        },
      },
    },
  }),

  role('reader', { rules: [] }),
  binding('all', { roleRef: roleRef('Role'), subjects }),
  binding('nobody', { roleRef: roleRef('ClusterRole') }),
  clusterBinding('odd-all', { roleRef: roleRef('ClusterRole'), subjects }),

  webhook('two', { webhooks: [hook('a.example.com'), hook('b.example.com')] }),
  webhook('none', {}),
  mutatingWebhook('one', { webhooks: [hook('a.example.com')] }),
  admissionPolicy('parametrised', { spec: { paramKind, validations, matchConstraints } }),
  admissionPolicy('plain', { spec: { validations, matchConstraints } }),
  admissionBinding('plain', { spec: { policyName: 'plain', validationActions } }),
  admissionBinding('named', {
    spec: {
      policyName: 'parametrised',
      validationActions,
      paramRef: { name: 'limit', namespace: 'odd', parameterNotFoundAction },
    },
  }),
  admissionBinding('anywhere', {
    spec: {
      policyName: 'parametrised',
      validationActions,
      paramRef: { name: 'limit', parameterNotFoundAction },
    },
  }),
  admissionBinding('selected', {
    spec: {
      policyName: 'parametrised',
      validationActions,
      paramRef: { selector, parameterNotFoundAction },
    },
  }),
  mutatingPolicy('parametrised', { spec: { ...mutatingPolicySpec, paramKind } }),
  mutatingPolicy('plain', { spec: mutatingPolicySpec }),
  mutatingBinding('plain', { spec: { policyName: 'plain' } }),
  mutatingBinding('selected', {
    spec: { policyName: 'parametrised', paramRef: { selector: {}, parameterNotFoundAction } },
  }),

  lease('held', { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } }),
  lease('free', { spec: {} }),
];
