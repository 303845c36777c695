/**
 * How long a LIST of N objects takes through view `all`, against the same LIST of the member itself
 * (resourceVersion=0, from its cache), in turn in one run: `node bench/list.ts [N]`. Prints ratios
 * and writes bench/results/list.json.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { readFile } from 'node:fs/promises';
import { startFlotilla } from '../test/e2e/flotilla.ts';
import { startFleet, type Member } from '../test/rig/index.ts';

const COUNT = Number(process.argv[2] ?? 5000);
const ROUNDS = 9;
const PAYLOAD = 'x'.repeat(3500);

async function fill(member: Member, agent: Agent): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = (next += 1); i <= COUNT; i = next += 1) {
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `object-${i}`, labels: { app: `app-${i % 50}` } },
        data: { payload: PAYLOAD },
      });
      const { statusCode, body: answer } = await request(
        `${member.url}/api/v1/namespaces/default/configmaps`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          dispatcher: agent,
        },
      );
      await answer.dump();
      if (statusCode !== 201) throw new Error(`the member answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

async function time(url: string, agent: Agent): Promise<{ ms: number; bytes: number }> {
  const begin = performance.now();
  const { body, statusCode } = await request(url, { dispatcher: agent });
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  return { ms: performance.now() - begin, bytes };
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

const fleet = await startFleet({ members: [{ name: 'm1', controllers: false }] });
try {
  const [member] = fleet.members;
  if (!member) throw new Error('no member');
  const direct = new Agent({
    connect: { ca: member.authority, cert: member.client.certificate, key: member.client.key },
  });
  await fill(member, direct);
  const flotilla = await startFlotilla({ kubeconfig: fleet.kubeconfig });
  try {
    const { clusters, users } = parse(await readFile(flotilla.kubeconfig, 'utf8')) as {
      clusters: { cluster: Record<string, string> }[];
      users: { user: Record<string, string> }[];
    };
    const pem = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();
    const through = new Agent({
      connect: {
        ca: pem(clusters[0]?.cluster['certificate-authority-data']),
        cert: pem(users[0]?.user['client-certificate-data']),
        key: pem(users[0]?.user['client-key-data']),
      },
    });
    const path = '/api/v1/configmaps?resourceVersion=0';
    const view = `${flotilla.url}/apis/flotilla.io/v1alpha1/views/all/proxy${path}`;
    await time(view, through);
    const rounds: { direct: number; view: number }[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const own = await time(`${member.url}${path}`, direct);
      const merged = await time(view, through);
      bytes = merged.bytes;
      rounds.push({ direct: own.ms, view: merged.ms });
    }
    const ratio = median(rounds.map((each) => each.direct / each.view));
    const result = { objects: COUNT, bytes, memberOverView: Number(ratio.toFixed(2)) };
    console.log(
      `LIST of ${COUNT}: the view answers in 1/${ratio.toFixed(2)} of the member's own time`,
    );
    await mkdir(new URL('results/', import.meta.url), { recursive: true });
    await writeFile(
      new URL('results/list.json', import.meta.url),
      `${JSON.stringify(result, null, 2)}\n`,
    );
    await through.close();
  } finally {
    await flotilla.stop();
  }
  await direct.close();
} finally {
  await fleet.stop();
}
