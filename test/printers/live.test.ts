import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  builtInPrinter,
  customPrinter,
  renderElapsed,
  type Cell,
  type ColumnDefinition,
  type Printer,
  type RowCondition,
} from '../../src/printers/index.ts';
import { rigSkipReason, startFleet, type Fleet } from '../rig/index.ts';
import { memberClient, type MemberClient } from './member-client.ts';
import { CUSTOM_COLUMNS } from './odd-custom.ts';
import { NAMESPACE } from './odd-object.ts';
import { CUSTOM_GROUP, CUSTOM_RESOURCES, putOddObjects } from './put-odd-objects.ts';

const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';

interface Metadata {
  name: string;
  namespace?: string;
}

interface Table {
  columnDefinitions: ColumnDefinition[];
  rows: { cells: Cell[]; conditions?: RowCondition[]; object: { metadata: Metadata } }[];
}

interface Resource {
  group: string;
  version: string;
  resource: string;
}

interface Compared {
  rows: number;
  /** One line a difference. */
  differences: string[];
}

/** Listed, so that their columns are compared; their rows have tests of their own. */
const WITHOUT_OBJECTS = ['podcertificaterequests'];

describe.skipIf(rigSkipReason()).each([
  { version: '1.36', minor: 36 },
  { version: '1.34', minor: 34 },
] as const)('printers beside a kube-apiserver $version', ({ version, minor }) => {
  let fleet: Fleet;
  let client: MemberClient;
  let refusals: string[];

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        {
          name: 'judge',
          version,
          controllers: false,
          apiServerFlags: [
            '--runtime-config=api/all=true',
            '--feature-gates=AllAlpha=true,AllBeta=true',
          ],
        },
      ],
    });
    client = memberClient(fleet.member('judge'));
    const { authority } = fleet.member('judge');
    refusals = await putOddObjects(client, { minor, authority });
  });

  afterAll(async () => {
    await client.close();
    await fleet.stop();
  });

  function printerOf({ group, version: apiVersion, resource }: Resource): Printer | undefined {
    if (group !== CUSTOM_GROUP) return builtInPrinter(group, apiVersion, resource, minor);
    return customPrinter(resource === CUSTOM_RESOURCES.plain ? [] : CUSTOM_COLUMNS);
  }

  it('takes all odd objects', () => {
    expect(refusals).toEqual([]);
  });

  it('prints what it prints for every kind that can be listed', async () => {
    const resources = await listableResources(client);
    const differences: string[] = [];
    const withoutObjects: string[] = [];
    for (const resource of resources) {
      const printer = printerOf(resource);
      const compared = printer
        ? await settledComparison(client, pathOf(resource), printer)
        : { rows: 0, differences: ['no printer'] };
      differences.push(...compared.differences.map((line) => `${nameOf(resource)}: ${line}`));
      if (compared.rows === 0) withoutObjects.push(resource.resource);
    }

    expect(differences).toEqual([]);
    expect(resources.length).toBeGreaterThan(70);
    expect([...new Set(withoutObjects)].sort()).toEqual(WITHOUT_OBJECTS);
  });

  it.each([
    {
      path: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/scaled/scale`,
      group: 'apps',
      resource: 'deployments/scale',
    },
    {
      path: `/api/v1/namespaces/${NAMESPACE}/replicationcontrollers/scaled/scale`,
      group: '',
      resource: 'replicationcontrollers/scale',
    },
    {
      path: `/api/v1/namespaces/${NAMESPACE}/pods/running/status`,
      group: '',
      resource: 'pods/status',
    },
    { path: `/api/v1/namespaces/${NAMESPACE}/pods/running`, group: '', resource: 'pods' },
  ])('prints $resource, read by name', async ({ path, group, resource }) => {
    const printer = builtInPrinter(group, 'v1', resource, minor);

    const object = (await client.get(path)) as { metadata: Metadata };
    const before = Date.now();
    const table = (await client.get(path, TABLE)) as Table;
    const after = Date.now();

    expect(printer?.columns).toEqual(table.columnDefinitions);
    expect(table.rows).toHaveLength(1);
    expect(differencesOf(printer!, object, { row: table.rows[0]!, before, after })).toEqual([]);
  });
});

async function listableResources(client: MemberClient): Promise<Resource[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  interface Discovery {
    items: {
      metadata: { name?: string };
      versions: { version: string; resources: { resource: string; verbs: string[] }[] }[];
    }[];
  }
  const documents = [await client.get('/api', accept), await client.get('/apis', accept)];
  return (documents as Discovery[]).flatMap(({ items }) =>
    items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources
          .filter(({ verbs }) => verbs.includes('list'))
          .map(({ resource }) => ({ group: metadata.name ?? '', version, resource })),
      ),
    ),
  );
}

function pathOf({ group, version, resource }: Resource): string {
  return group === '' ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

function nameOf({ group, version, resource }: Resource): string {
  return `${resource}.${version}.${group}`;
}

/** The server changes some of its own objects: what is different for good stays so. */
async function settledComparison(
  client: MemberClient,
  path: string,
  printer: Printer,
): Promise<Compared> {
  let compared = await compareList(client, path, printer);
  for (let attempt = 1; attempt < 3 && compared.differences.length > 0; attempt += 1) {
    compared = await compareList(client, path, printer);
  }
  return compared;
}

/** Lists once as objects, once as a Table, and compares by name (flow schemas come sorted otherwise). */
async function compareList(
  client: MemberClient,
  path: string,
  printer: Printer,
): Promise<Compared> {
  const before = Date.now();
  const table = (await client.get(path, TABLE)) as Table;
  const after = Date.now();
  const list = (await client.get(path)) as {
    apiVersion: string;
    kind: string;
    items: { metadata: Metadata }[];
  };
  const kind = list.kind.replace(/List$/, '');
  const objects = new Map(
    list.items.map((item) => [
      keyOf(item.metadata),
      { apiVersion: list.apiVersion, kind, ...item },
    ]),
  );

  const differences =
    JSON.stringify(printer.columns) === JSON.stringify(table.columnDefinitions)
      ? []
      : [`columns ${columnDifference(printer.columns, table.columnDefinitions)}`];
  for (const row of table.rows) {
    const key = keyOf(row.object.metadata);
    const object = objects.get(key);
    const found = object
      ? differencesOf(printer, object, { row, before, after })
      : ['is in the Table only'];
    differences.push(...found.map((line) => `${key} ${line}`));
  }
  return { rows: table.rows.length, differences };
}

function keyOf({ namespace = '', name }: Metadata): string {
  return `${namespace}/${name}`;
}

function columnDifference(
  ours: readonly ColumnDefinition[],
  theirs: readonly ColumnDefinition[],
): string {
  const names = (columns: readonly ColumnDefinition[]) => columns.map(({ name }) => name).join();
  if (names(ours) !== names(theirs)) return `${names(ours)} are not ${names(theirs)}`;
  const index = ours.findIndex((each, at) => JSON.stringify(each) !== JSON.stringify(theirs[at]));
  return `${JSON.stringify(ours[index])} is not ${JSON.stringify(theirs[index])}`;
}

/** A cell that depends on the time must be what we print at some moment of the request. */
function differencesOf(
  printer: Printer,
  object: object,
  { row, before, after }: { row: Table['rows'][number]; before: number; after: number },
): string[] {
  const moments = [before, after, after + 1000];
  const ours = moments.map(
    (moment) =>
      JSON.parse(JSON.stringify(printer.row(object, moment))) as {
        cells: Cell[];
        conditions?: RowCondition[];
      },
  );
  const first = ours[0]!;
  const { timed } = printer.row(object, before);
  const differences = row.cells.flatMap((cell, index) => {
    const wants = ours.map(({ cells }) => JSON.stringify(cells[index]));
    return wants.includes(JSON.stringify(cell))
      ? []
      : [
          `cell ${index} (${printer.columns[index]?.name ?? ''}): ${wants[0] ?? 'none'} is not ${JSON.stringify(cell)}`,
        ];
  });
  if (first.cells.length !== row.cells.length) {
    differences.push(`${first.cells.length} cells are not ${row.cells.length}`);
  }
  if (JSON.stringify(first.conditions) !== JSON.stringify(row.conditions)) {
    differences.push(`conditions ${JSON.stringify(row.conditions)}`);
  }
  for (const cell of timed) {
    if (!printer.timedCells.includes(cell.index)) differences.push(`cell ${cell.index} is timed`);
    if (renderElapsed(cell, after) !== ours[1]!.cells[cell.index]) {
      differences.push(`cell ${cell.index} can't be rendered again`);
    }
  }
  return differences;
}
