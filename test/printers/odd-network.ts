import { odd, type OddObject } from './odd-object.ts';

const service = odd({ apiVersion: 'v1', kind: 'Service', resource: 'services' });
const endpoints = odd({ apiVersion: 'v1', kind: 'Endpoints', resource: 'endpoints' });
const slice = odd({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
});
const networking = 'networking.k8s.io/v1';
const ingress = odd({ apiVersion: networking, kind: 'Ingress', resource: 'ingresses' });
const ingressClass = odd(
  { apiVersion: networking, kind: 'IngressClass', resource: 'ingressclasses' },
  false,
);
const policy = odd({ apiVersion: networking, kind: 'NetworkPolicy', resource: 'networkpolicies' });
const serviceCIDR = odd(
  { apiVersion: networking, kind: 'ServiceCIDR', resource: 'servicecidrs' },
  false,
);
const ipAddress = odd(
  { apiVersion: networking, kind: 'IPAddress', resource: 'ipaddresses' },
  false,
);

const http = { name: 'http', port: 80 };
const dns = { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 };
const backend = { service: { name: 'web', port: { number: 80 } } };
const rule = (host?: string) => ({
  ...(host && { host }),
  http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
});
const address = (ip: string) => ({ ip });

/** Services of every type, what they lead to, and what leads to them. */
export const oddNetwork: readonly OddObject[] = [
  service('cluster-ip', { spec: { selector: { b: '2', a: '1' }, ports: [http] } }),
  service('headless', { spec: { clusterIP: 'None', selector: { a: '1' } } }),
  service('external-ips', {
    spec: { ports: [http], externalIPs: ['192.0.2.1', '192.0.2.2'] },
  }),
  service('node-port', { spec: { type: 'NodePort', ports: [dns, http] } }),
  service('node-port-external', {
    spec: { type: 'NodePort', ports: [http], externalIPs: ['192.0.2.3'] },
  }),
  service('pending', { spec: { type: 'LoadBalancer', ports: [http] } }),
  service('balanced', {
    spec: { type: 'LoadBalancer', ports: [http], allocateLoadBalancerNodePorts: false },
    status: {
      loadBalancer: {
        ingress: [
          { ip: '203.0.113.9' },
          { hostname: 'a-very-long-name-of-a-load-balancer.example.com' },
          { ip: '203.0.113.10' },
          { ip: '203.0.113.9' },
        ],
      },
    },
  }),
  service('balanced-external', {
    spec: { type: 'LoadBalancer', ports: [http], externalIPs: ['192.0.2.4'] },
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
  }),
  service('pending-external', {
    spec: { type: 'LoadBalancer', ports: [http], externalIPs: ['192.0.2.5'] },
  }),
  service('external-name', { spec: { type: 'ExternalName', externalName: 'db.example.com' } }),

  endpoints('empty', {}),
  endpoints('unready', {
    subsets: [{ notReadyAddresses: [address('10.1.0.1')], ports: [{ port: 80 }] }],
  }),
  endpoints('portless', { subsets: [{ addresses: ['10.1.0.1', '10.1.0.2'].map(address) }] }),
  endpoints('many', {
    subsets: [
      {
        addresses: ['10.1.0.1', '10.1.0.2'].map(address),
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      },
      { addresses: [address('fd00::1')], ports: [{ port: 90 }] },
    ],
  }),
  endpoints('six', { subsets: [{ addresses: [address('fd00::1')], ports: [{ port: 90 }] }] }),

  slice('empty', { addressType: 'IPv4', endpoints: [] }),
  slice('many', {
    addressType: 'IPv4',
    ports: [
      { name: 'a', port: 80 },
      { name: 'b' },
      { name: '', port: 81 },
      { name: 'd', port: 82 },
    ],
    endpoints: [
      { addresses: ['10.1.0.1'] },
      { addresses: ['10.1.0.2'] },
      { addresses: ['10.1.0.3'] },
      { addresses: ['10.1.0.4'] },
      { addresses: ['10.1.0.5'] },
    ],
  }),
  slice('names', {
    addressType: 'FQDN',
    ports: [{}],
    endpoints: [{ addresses: ['a.example.com'] }],
  }),

  ingress('plain', { spec: { defaultBackend: backend } }),
  ingress('rich', {
    spec: {
      ingressClassName: 'public',
      rules: ['a.example', 'b.example', 'c.example', 'd.example', undefined].map(rule),
      tls: [{ hosts: ['a.example'] }],
    },
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }, { ip: '203.0.113.1' }] } },
  }),
  ingress('three', { spec: { rules: ['a.example', 'b.example', 'c.example'].map(rule) } }),
  ingress('late', {
    spec: { rules: [undefined, 'a.example', undefined, 'b.example', undefined].map(rule) },
  }),
  ingress('trailing', {
    spec: { rules: ['a.example', undefined, 'b.example', 'c.example', undefined].map(rule) },
  }),
  ingressClass('public', {
    metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'example.com/public' },
  }),
  ingressClass('parametrised', {
    spec: {
      controller: 'example.com/private',
      parameters: { apiGroup: 'example.com', kind: 'Settings', name: 'private', scope: 'Cluster' },
    },
  }),
  ingressClass('core-parameters', {
    spec: {
      controller: 'example.com/private',
      parameters: { kind: 'ConfigMap', name: 'c', namespace: 'odd', scope: 'Namespace' },
    },
  }),
  policy('all', { spec: { podSelector: {} } }),
  policy('some', {
    spec: {
      podSelector: {
        matchLabels: { b: '2', a: '1' },
        matchExpressions: [{ key: 'c', operator: 'In', values: ['z', 'y'] }],
      },
    },
  }),
  serviceCIDR('more', { spec: { cidrs: ['10.97.0.0/24', 'fd01::/112'] } }),
  ipAddress('10.97.0.7', {
    spec: { parentRef: { group: 'example.com', resource: 'Gateways', name: 'gate' } },
  }),
  ipAddress('10.97.0.8', {
    spec: { parentRef: { resource: 'services', namespace: 'odd', name: 'gone' } },
  }),
];
