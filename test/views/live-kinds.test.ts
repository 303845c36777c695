import { describe, expect, it } from 'vitest';
import type { MemberReply } from '../../src/members/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews } from '../support/scripted-views.ts';

const METRICS = '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** A member that answers every read with the same. */
class FixedMember extends ScriptedMember {
  readonly #reply: MemberReply;

  constructor(name: string, statusCode: number, text: string) {
    super(name);
    const headers = { 'content-type': 'application/json' };
    this.#reply = { statusCode, headers, body: Buffer.from(text) };
  }

  override async fetch(): Promise<MemberReply> {
    return Promise.resolve(this.#reply);
  }
}

const web = { metadata: { name: 'web', namespace: 'shop' } };
const good = JSON.stringify({ kind: 'PodMetricsList', metadata: {}, items: [web] });
const columnDefinitions = [{ name: 'Name', type: 'string', format: 'name' }];
const goodTable = JSON.stringify({
  kind: 'Table',
  columnDefinitions,
  rows: [{ cells: ['web'], object: web }],
});

describe('a kind that can not be watched', () => {
  it.each([
    { title: 'a page', statusCode: 200, text: '<html>Sign in</html>' },
    { title: 'JSON that breaks off', statusCode: 200, text: '{"kind":"PodMetricsList","ite' },
    { title: 'JSON of no use', statusCode: 200, text: '{"rows":1}' },
    { title: 'a page that is not found', statusCode: 404, text: '404 page not found' },
    { title: 'a refusal', statusCode: 403, text: '{"kind":"Status","code":403}' },
  ])('is read of the others when one member answers with $title', async ({ statusCode, text }) => {
    const bad = new FixedMember('bad', statusCode, text);

    const list = scriptedViews([bad, new FixedMember('good', 200, good)]);
    const table = scriptedViews([bad, new FixedMember('good', 200, goodTable)]);
    const answers = [
      await list.ask('', { path: METRICS }),
      await table.ask('', { path: METRICS, accept: TABLE }),
    ];

    const [{ items }, { rows }] = (await Promise.all(answers.map(bodyOf))) as [
      { items: { metadata: { name: string } }[] },
      { rows: { cells: string[] }[] },
    ];
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['web@good']);
    expect(rows.map(({ cells }) => cells)).toEqual([['web@good', 'good']]);
    for (const { freshness = [] } of answers) {
      expect(freshness.map(({ cluster, state }) => [cluster, state])).toEqual([['bad', 'missing']]);
    }
    await Promise.all([list.close(), table.close()]);
  });

  it('shows the metadata alone to those who ask for no more', async () => {
    const { ask, close } = scriptedViews([new FixedMember('good', 200, good)]);

    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const list = await bodyOf(await ask('', { path: METRICS, accept }));

    const tags = {
      labels: { 'flotilla.io/cluster': 'good' },
      annotations: expect.objectContaining({
        'resource.karmada.io/cached-from-cluster': 'good',
      }) as object,
    };
    expect(list).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [
        {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { name: 'web@good', namespace: 'shop', ...tags },
        },
      ],
    });
    await close();
  });
});
