import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memberClient } from '../printers/member-client.ts';
import { putOddObjects } from '../printers/put-odd-objects.ts';
import { rigSkipReason, startFleet, type Fleet } from '../rig/index.ts';
import * as cases from './bad-input-cases.ts';
import type { BadRequest } from './bad-input-cases.ts';
import { kubeconfigEndpoint, memberEndpoint, type Endpoint, type Reply } from './endpoint.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

const MEMBER = 'judge';
const MEMBER_PATH = `/apis/cluster.karmada.io/v1alpha1/clusters/${MEMBER}/proxy`;
const VIEW_PATH = '/apis/flotilla.io/v1alpha1/views/all/proxy';

/** Every kind that it can serve. */
const EVERYTHING = ['--runtime-config=api/all=true', '--feature-gates=AllAlpha=true,AllBeta=true'];

interface Status {
  kind: string;
  code: number;
  reason?: string;
  message?: string;
  details?: Record<string, unknown>;
}

describe.skipIf(rigSkipReason())('bad input, beside a kube-apiserver', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  let flotilla: Flotilla;
  let judge: Endpoint;
  let view: Endpoint;
  let root: Endpoint;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: MEMBER, controllers: false, apiServerFlags: EVERYTHING },
        { name: 'other', controllers: false, apiServerFlags: EVERYTHING },
      ],
    });
    for (const member of fleet.members) {
      const client = memberClient(member);
      await putOddObjects(client, { minor: 36, authority: member.authority });
      await client.close();
    }
    flotilla = await startFlotilla({ kubeconfig: fleet.kubeconfig });
    judge = memberEndpoint(fleet.member(MEMBER));
    view = await kubeconfigEndpoint(flotilla.kubeconfig, 'flotilla-all');
    root = await kubeconfigEndpoint(flotilla.kubeconfig, 'flotilla');
  }, 180_000);

  afterAll(async () => {
    for (const endpoint of [judge, view, root]) endpoint.close();
    await flotilla.stop();
    await fleet.stop();
  });

  /** The same request, with names as the endpoint knows them. */
  async function send(endpoint: Endpoint, request: BadRequest, suffix: string): Promise<Reply> {
    const named = (text: string): string => text.replace(/<([^<>]*)>/g, `$1${suffix}`);
    const { path, method = 'GET', headers = {}, body } = request;
    const ends = /[?&]watch=true/.test(path) && !path.includes('timeoutSeconds');
    return endpoint.ask(named(path) + (ends ? '&timeoutSeconds=1' : ''), {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? named(body) : body }),
    });
  }

  /** Without what names the member; undefined when the body is no Status. */
  function statusOf(reply: Reply, suffix: string): Status | undefined {
    if (!reply.text.startsWith('{')) return undefined;
    try {
      const status = JSON.parse(reply.text.replaceAll(suffix, '')) as Status;
      return status.kind === 'Status' ? status : undefined;
    } catch {
      return undefined;
    }
  }

  /** No details and empty ones tell the same. */
  const essence = ({ code, reason, details = {} }: Status): object => ({ code, reason, details });

  function compare(request: BadRequest, own: Reply, shown: Reply): void {
    const suffix = `@${MEMBER}`;
    const [expected, actual] = [statusOf(own, '\0'), statusOf(shown, suffix)];
    const instead = cases.INSTEAD[request.title];
    if (instead) {
      expect(actual).toMatchObject({ code: instead.code, reason: instead.reason });
      expect(expected && actual && essence(expected)).not.toEqual(actual && essence(actual));
      return;
    }
    expect(shown.code).toBe(own.code);
    if (own.code >= 400 && request.method !== 'HEAD') expect(actual?.code).toBe(shown.code);
    if (!expected || !actual) return;
    expect(essence(actual)).toEqual(essence(expected));
    if (cases.WORDS.some(({ says }) => says.test(expected.message ?? ''))) return;
    expect(actual.message).toBe(expected.message);
  }

  describe.each([
    ['what is not there', cases.UNKNOWN],
    ['selectors', cases.SELECTORS],
    ['parameters', cases.OPTIONS],
    ['names', cases.NAMES],
    ['ways around', cases.TRAVERSAL],
    ['methods', cases.METHODS],
    ['forms', cases.ACCEPTS],
    ['bodies', cases.BODIES],
  ])('%s', (_, requests) => {
    it.each(requests)('a view answers $title as kube-apiserver does', async (request) => {
      const own = await send(judge, request, '');
      const shown = await send(view, request, `@${MEMBER}`);

      compare(request, own, shown);
      expect(shown.headers['audit-id']).toBeDefined();
      if (shown.code !== 413) expect(shown.headers.connection).not.toBe('close');
    });

    it.each(requests)("Karmada's path answers $title with a Status", async (request) => {
      const karmada = root.below('/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy');

      const reply = await send(karmada, request, '');

      expect(reply.code === 501 || reply.code < 500 || reply.code === 504).toBe(true);
      if (reply.code >= 400 && request.method !== 'HEAD') {
        expect(statusOf(reply, '\0')?.code).toBe(reply.code);
      }
    });

    it.each(requests)(
      "the member path answers $title with the member's own bytes",
      async (request) => {
        const own = await send(judge, request, '');
        const shown = await send(root.below(MEMBER_PATH), request, '');

        expect(shown.code).toBe(own.code);
        if (own.code >= 400) expect(shown.text).toBe(own.text);
        expect(shown.headers['content-type']).toBe(own.headers['content-type']);
      },
    );
  });

  describe('kinds of our own', () => {
    const LIKE = '/apis/apiregistration.k8s.io/v1/apiservices';
    const OWN = '/apis/cluster.karmada.io/v1alpha1/clusters';
    const moved = cases.SELECTORS.concat(cases.OPTIONS)
      .filter(({ path }) => path.startsWith('/api/v1/namespaces/odd/configmaps'))
      .map((request) => ({
        ...request,
        tail: request.path.slice('/api/v1/namespaces/odd/configmaps'.length),
      }));

    it.each(moved)('answer $tail as kube-apiserver does', async (request) => {
      const own = await send(judge, { ...request, path: LIKE + request.tail }, '');
      const shown = await send(root, { ...request, path: OWN + request.tail }, '');

      compare(request, own, shown);
    });

    it.each([
      {
        title: 'an unknown cluster',
        path: `${OWN}/nothing`,
        reason: 'NotFound',
        details: { kind: 'clusters', group: 'cluster.karmada.io', name: 'nothing' },
      },
      {
        title: 'an unknown view',
        path: '/apis/flotilla.io/v1alpha1/views/nothing',
        reason: 'NotFound',
        details: { kind: 'views', group: 'flotilla.io', name: 'nothing' },
      },
      {
        title: "an unknown member's API",
        path: `${OWN}/nothing/proxy/api`,
        reason: 'NotFound',
        details: { kind: 'clusters', name: 'nothing' },
      },
      {
        title: "an unknown view's API",
        path: '/apis/flotilla.io/v1alpha1/views/nothing/proxy/api',
        reason: 'NotFound',
        details: { kind: 'views', name: 'nothing' },
      },
      {
        title: 'another proxied thing',
        path: '/apis/search.karmada.io/v1alpha1/proxying/other/proxy/api',
        reason: 'NotFound',
      },
      { title: 'a subresource that is none', path: `${OWN}/${MEMBER}/nothing`, reason: 'NotFound' },
      {
        title: 'a cluster in a namespace',
        path: '/apis/cluster.karmada.io/v1alpha1/namespaces/odd/clusters',
        reason: 'NotFound',
      },
      {
        title: 'an unknown version',
        path: '/apis/cluster.karmada.io/v9/clusters',
        reason: 'NotFound',
      },
      { title: 'a member with an escape', path: `${OWN}/%6audge/proxy/api`, reason: 'NotFound' },
      {
        title: 'a member behind dots',
        path: `${OWN}/x/../${MEMBER}/proxy/api`,
        reason: 'NotFound',
      },
      {
        title: 'a view behind dots',
        path: '/apis/flotilla.io/v1alpha1/views/../views/all/proxy/api',
        reason: 'NotFound',
      },
      { title: 'a native kind', path: '/api/v1/pods', reason: 'NotFound' },
    ])('answer $title with $reason', async ({ path, reason, details }) => {
      const reply = await root.ask(path);

      expect(reply.json()).toMatchObject({ kind: 'Status', reason, ...(details && { details }) });
    });
  });

  describe('framing', () => {
    /** Everything that comes back until the connection ends, or is idle for a while. */
    async function exchange(text: string): Promise<{ answers: string[]; isClosed: boolean }> {
      const socket = await root.connect();
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      const ended = new Promise<boolean>((resolve) => {
        socket.once('close', () => {
          resolve(true);
        });
        socket.on('error', () => undefined);
        socket.setTimeout(1500, () => {
          resolve(false);
        });
      });
      socket.write(Buffer.from(text, 'latin1'));
      const isClosed = await ended;
      socket.destroy();
      return {
        answers: [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code = '']) => code),
        isClosed,
      };
    }

    const SECOND = `GET ${VIEW_PATH}/api/v1/nodes HTTP/1.1\r\nHost: x\r\n\r\n`;
    const POST = `POST ${VIEW_PATH}/api/v1/namespaces/odd/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const GET = `GET ${VIEW_PATH}/api/v1/namespaces HTTP/1.1\r\n`;

    it.each([
      {
        title: 'a length and chunks',
        text: `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'chunks and a length',
        text: `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'two lengths',
        text: `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${SECOND}`,
      },
      {
        title: 'two equal lengths',
        text: `${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${SECOND}`,
      },
      { title: 'a list of lengths', text: `${POST}Content-Length: 2, 2\r\n\r\n{}${SECOND}` },
      { title: 'a signed length', text: `${POST}Content-Length: +2\r\n\r\n{}${SECOND}` },
      { title: 'a hexadecimal length', text: `${POST}Content-Length: 0x2\r\n\r\n{}${SECOND}` },
      {
        title: 'a huge length',
        text: `${POST}Content-Length: 99999999999999999999999\r\n\r\n{}${SECOND}`,
      },
      {
        title: 'an unknown coding',
        text: `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'chunks before another coding',
        text: `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'two codings in two lines',
        text: `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'a bad chunk size',
        text: `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'a huge chunk size',
        text: `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n{}\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'a chunk that is longer than it says',
        text: `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${SECOND}`,
      },
      { title: 'a folded header', text: `${GET}Host: x\r\nA: b\r\n c\r\n: d\r\n\r\n${SECOND}` },
      { title: 'a folded length', text: `${POST}Content-Length:\r\n 2\r\nA\r\n\r\n{}${SECOND}` },
      { title: 'a space before the colon', text: `${POST}Content-Length : 2\r\n\r\n{}${SECOND}` },
      { title: 'bare line feeds', text: `${GET}Host: x\n\n${SECOND}` },
      { title: 'a bare carriage return', text: `${GET}Host: x\rA: b\r\n\r\n${SECOND}` },
      { title: 'a NUL in a header', text: `${GET}Host: x\r\nA: b\0c\r\n\r\n${SECOND}` },
      { title: 'a header without a name', text: `${GET}Host: x\r\n: b\r\n\r\n${SECOND}` },
      {
        title: 'a space in the path',
        text: `GET ${VIEW_PATH}/api/v1/ nodes HTTP/1.1\r\nHost: x\r\n\r\n${SECOND}`,
      },
      {
        title: 'an unknown version of HTTP',
        text: `GET /version HTTP/9.9\r\nHost: x\r\n\r\n${SECOND}`,
      },
      {
        title: 'an oversized header',
        text: `${GET}Host: x\r\nA: ${'a'.repeat(1_100_000)}\r\n\r\n${SECOND}`,
        code: '431',
      },
      {
        title: 'the same below a member',
        text: `${POST.replace(VIEW_PATH, MEMBER_PATH)}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
      },
      {
        title: 'a bad chunk below a member',
        text: `${POST.replace(VIEW_PATH, MEMBER_PATH)}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${SECOND}`,
      },
    ])('$title is refused once and ends the connection', async ({ text, code = '400' }) => {
      const { answers, isClosed } = await exchange(text);

      expect(answers).toEqual([code]);
      expect(isClosed).toBe(true);
    });

    it.each([
      { title: 'a length', text: `${POST}Content-Length: 5\r\n\r\nhello` },
      {
        title: 'chunks',
        text: `${POST}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n`,
      },
      { title: 'no body', text: `${POST}Content-Length: 0\r\n\r\n` },
      {
        title: 'a length below a member',
        text: `${POST.replace(VIEW_PATH, MEMBER_PATH)}Content-Length: 5\r\n\r\nhello`,
      },
      {
        title: 'chunks below a member',
        text: `${POST.replace(VIEW_PATH, MEMBER_PATH)}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      },
      {
        title: 'an unread body',
        text: `POST ${VIEW_PATH}/api/v1/nothings HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`,
      },
    ])(
      '$title is refused, and the next request on the connection is answered',
      async ({ text }) => {
        const { answers, isClosed } = await exchange(text + SECOND);

        expect(answers).toHaveLength(2);
        expect(Number(answers[0])).toBeGreaterThanOrEqual(400);
        expect(Number(answers[0])).toBeLessThan(500);
        expect(answers[1]).toBe('200');
        expect(isClosed).toBe(false);
      },
    );
  });

  it('nothing of this has changed an object, failed within, or ended the server', async () => {
    const { items } = (await view.ask('/api/v1/namespaces/odd/configmaps')).json() as {
      items: { metadata: { name: string } }[];
    };

    expect(items.map(({ metadata }) => metadata.name)).toContain(`full@${MEMBER}`);
    expect(items.some(({ metadata }) => metadata.name.startsWith('new'))).toBe(false);
    expect(flotilla.process.exitCode).toBeNull();
    expect(flotilla.log()).not.toMatch(/"request failed"|nhandled/);
  });
});
