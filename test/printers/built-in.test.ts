import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { builtInPrinter, defaultPrinter, type Cell } from '../../src/printers/index.ts';
import descriptions from '../../src/printers/descriptions.json' with { type: 'json' };

const NOW = Date.UTC(2026, 0, 10);

function cellsOf(
  [group, resource, minor]: readonly [group: string, resource: string, minor: number],
  object: object,
): Record<string, Cell | undefined> {
  const printer = builtInPrinter(group, 'v1', resource, minor);
  if (!printer) throw new Error(`no printer for ${resource}`);
  const { cells } = printer.row(object, NOW);
  return Object.fromEntries(printer.columns.map(({ name }, index) => [name, cells[index]]));
}

describe('what is built in', () => {
  it.each([
    ['example.com', 'pods'],
    ['', 'widgets'],
    ['', 'pods/log'],
    ['', 'constructor'],
    ['', '__proto__'],
    ['', ''],
  ])('does not hold group %j resource %j', (group, resource) => {
    expect(builtInPrinter(group, 'v1', resource, 36)).toBeUndefined();
  });

  it.each([
    ['', 'limitranges'],
    ['rbac.authorization.k8s.io', 'clusterroles'],
    ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ])('prints name and birth only of group %j resource %s', (group, resource) => {
    expect(builtInPrinter(group, 'v1', resource, 36)).toBe(defaultPrinter);
  });

  it('has a description for each column of each kind', () => {
    const undescribed = Object.keys(descriptions)
      .filter((key) => key !== '*')
      .flatMap((key) => {
        const [resource = '', ...group] = key.split('.');
        const name = resource === 'scale' ? 'deployments/scale' : resource;
        const columns = builtInPrinter(group.join('.'), 'v1', name, 36)?.columns ?? [];
        return columns
          .filter(({ description }) => description === '')
          .map(({ name: column }) => `${key} ${column}`);
      });

    expect(undescribed.sort()).toEqual([
      'leasecandidates.coordination.k8s.io BinaryVersion',
      'leasecandidates.coordination.k8s.io EmulationVersion',
    ]);
  });

  it('prints a birth in UTC, and the zero time for none', () => {
    const born = { metadata: { name: 'a', creationTimestamp: '2026-01-02T03:04:05+01:00' } };

    expect(defaultPrinter.row(born, NOW).cells).toEqual(['a', '2026-01-02T02:04:05Z']);
    expect(defaultPrinter.row({}, NOW).cells).toEqual(['', '0001-01-01T00:00:00Z']);
  });
});

describe('versions differ', () => {
  it.each([
    { minor: 34, want: ['Name', 'Secrets', 'Age'] },
    { minor: 35, want: ['Name', 'Age'] },
  ])('in the columns of service accounts: 1.$minor', ({ minor, want }) => {
    const columns = builtInPrinter('', 'v1', 'serviceaccounts', minor)?.columns;

    expect(columns?.map(({ name }) => name)).toEqual(want);
  });

  it.each([
    { minor: 33, want: 'configration' },
    { minor: 34, want: 'configration' },
    { minor: 35, want: 'configuration' },
    { minor: 40, want: 'configuration' },
  ])('in descriptions: 1.$minor', ({ minor, want }) => {
    const group = 'admissionregistration.k8s.io';
    const printer = builtInPrinter(group, 'v1', 'validatingadmissionpolicybindings', minor);

    expect(printer?.columns[2]?.description).toContain(want);
  });

  it.each([
    { minor: 33, want: 'Running' },
    { minor: 34, want: 'SuccessCriteriaMet' },
  ])('in the states of jobs: 1.$minor', ({ minor, want }) => {
    const conditions = [{ type: 'SuccessCriteriaMet', status: 'True' }];

    expect(cellsOf(['batch', 'jobs', minor], { status: { conditions } })['Status']).toBe(want);
  });

  it.each([
    { minor: 34, want: 'Completed' },
    { minor: 35, want: 'Error' },
  ])('in what speaks for a pod: 1.$minor', ({ minor, want }) => {
    const containerStatuses = [
      { name: 'a', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      { name: 'b', state: { terminated: { exitCode: 1, reason: 'Error' } } },
    ];

    const cells = cellsOf(['', 'pods', minor], { status: { containerStatuses } });

    expect(cells['Status']).toBe(want);
  });
});

describe('requests for pod certificates', () => {
  it.each([
    { types: [], want: 'Pending' },
    { types: ['Issued'], want: 'Issued' },
    { types: ['Denied'], want: 'Denied' },
    { types: ['Other', 'Failed'], want: 'Failed' },
  ])('with conditions $types are $want', ({ types, want }) => {
    const request = {
      metadata: { name: 'r' },
      spec: {
        podName: 'p',
        serviceAccountName: 's',
        nodeName: 'n',
        signerName: 'example.com/s',
        unverifiedUserAnnotations: { b: '2', a: '1' },
      },
      status: { conditions: types.map((type) => ({ type })) },
    };

    const cells = cellsOf(['certificates.k8s.io', 'podcertificaterequests', 36], request);

    expect(cells).toEqual({
      Name: 'r',
      PodName: 'p',
      ServiceAccountName: 's',
      NodeName: 'n',
      SignerName: 'example.com/s',
      State: want,
      UnverifiedUserAnnotations: 'a=1,b=2',
    });
  });
});

describe('an autoscaler that is read as version 1', () => {
  const utilization = {
    apiVersion: 'autoscaling/v1',
    spec: { targetCPUUtilizationPercentage: 80 },
  };
  const others = JSON.stringify([
    { type: 'Pods', pods: { metricName: 'q', targetAverageValue: '10' } },
    { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
  ]);

  it('shows its CPU target, and what it is', () => {
    const status = { currentCPUUtilizationPercentage: 12 };

    const cells = cellsOf(['autoscaling', 'horizontalpodautoscalers', 36], {
      ...utilization,
      status,
    });

    expect(cells['Targets']).toBe('cpu: 12%/80%');
  });

  it('shows CPU first as long as nothing tells its place', () => {
    const metadata = { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': others } };

    const cells = cellsOf(['autoscaling', 'horizontalpodautoscalers', 36], {
      ...utilization,
      metadata,
    });

    expect(cells['Targets']).toBe('cpu: <unknown>/80%, <unknown>/10 + 1 more...');
  });

  it('with an annotation that is not JSON shows no targets', () => {
    const metadata = { name: 'a', annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } };

    const cells = cellsOf(['autoscaling', 'horizontalpodautoscalers', 36], {
      ...utilization,
      metadata,
    });

    expect(cells).toMatchObject({ Name: 'a', Targets: null, MaxPods: 0 });
  });
});

describe('a row', () => {
  const kinds = Object.keys(descriptions).filter(
    (key) => key !== '*' && key !== 'scale.autoscaling',
  );

  it.each(kinds)('of %s is whole for an object of any shape', (key) => {
    const [resource = '', ...group] = key.split('.');
    const printer = builtInPrinter(group.join('.'), 'v1', resource, 36);
    const width = printer?.row({}, NOW).cells.length;

    fc.assert(
      fc.property(oddlyShaped, (object) => {
        const { cells } = printer!.row(object, NOW);
        expect(cells).toHaveLength(width!);
        expect(() => JSON.stringify(cells)).not.toThrow();
      }),
      { numRuns: 100 },
    );
  });
});

/** Fields that printers read, with values that no server has there. */
const oddlyShaped = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, 0, 1, '', 'x', true, 'True'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        ...['metadata', 'name', 'labels', 'annotations', 'creationTimestamp', 'spec', 'status'],
        ...['conditions', 'containers', 'containerStatuses', 'template', 'selector', 'matchLabels'],
        ...['initContainers', 'initContainerStatuses', 'state', 'terminated', 'ports', 'subsets'],
        ...['matchExpressions', 'hard', 'used', 'metrics', 'currentMetrics', 'type', 'resource'],
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value;
