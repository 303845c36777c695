import { describe, expect, it } from 'vitest';
import { HealthProbe, type MemberFetch, type MemberReply } from '../../src/members/index.ts';

type Answer = { readonly status: number; readonly body: string } | Error;

function setUp() {
  let nowMs = 1_000_000;
  const asked: string[] = [];
  const changes: { isAlive: boolean; lastError: string | undefined; uid: string | undefined }[] =
    [];
  const answers: Record<string, Answer> = {
    '/version': { status: 200, body: '{"gitVersion":"v1.36.3"}' },
    '/api/v1/namespaces/kube-system': { status: 200, body: '{"metadata":{"uid":"u1"}}' },
  };
  const health = new HealthProbe({
    name: 'm1',
    now: () => nowMs,
    log: { info: () => undefined, warn: () => undefined },
  });
  health.onChange(() => {
    const { isAlive, lastError, uid } = health;
    changes.push({ isAlive, lastError, uid });
  });
  const fetch = ({ path }: MemberFetch): Promise<MemberReply> => {
    asked.push(path);
    const answer = answers[path];
    if (!answer || answer instanceof Error) return Promise.reject(answer ?? new Error('unknown'));
    return Promise.resolve({
      statusCode: answer.status,
      headers: {},
      body: Buffer.from(answer.body),
    });
  };
  return {
    health,
    asked,
    changes,
    answers,
    probeAfter: async (ms: number) => {
      nowMs += ms;
      await health.probe(fetch);
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('the health of a member', () => {
  it('is unknown before the first probe', () => {
    const { health } = setUp();

    expect(health).toMatchObject({ isAlive: false, lastError: undefined, uid: undefined });
  });

  it('tells version and cluster as soon as it is alive', async () => {
    const { health, changes, probeAfter } = setUp();

    await probeAfter(0);

    expect(health).toMatchObject({ isAlive: true, gitVersion: 'v1.36.3', uid: 'u1' });
    expect(changes).toEqual([{ isAlive: true, lastError: undefined, uid: 'u1' }]);
  });

  it('ends 5 s after the last answer', async () => {
    const { health, probeAfter, wait } = setUp();
    await probeAfter(0);

    wait(4_999);
    expect(health.isAlive).toBe(true);
    wait(1);
    expect(health.isAlive).toBe(false);
  });

  it('is announced when it ends and when it comes back, and once each', async () => {
    const { health, changes, answers, probeAfter } = setUp();
    await probeAfter(0);
    const version = answers['/version']!;

    answers['/version'] = new Error('refused');
    await probeAfter(2_000);
    await probeAfter(2_000);
    await probeAfter(2_000);
    await probeAfter(2_000);
    answers['/version'] = version;
    await probeAfter(2_000);

    expect(changes.map(({ isAlive, lastError }) => [isAlive, lastError])).toEqual([
      [true, undefined],
      [true, 'refused'],
      [false, 'refused'],
      [true, undefined],
    ]);
    expect(health.lastError).toBeUndefined();
  });

  it.each([401, 403])('is alive but unauthorised at %i', async (status) => {
    const { health, answers, probeAfter } = setUp();
    answers['/version'] = { status, body: '' };

    await probeAfter(0);

    expect(health.isAlive).toBe(true);
    expect(health.lastError).toMatch(new RegExp(`answers ${status}.*unauthorised`));
  });

  it.each([
    { title: 'no JSON', status: 200, body: '<html>', want: /not that of a Kubernetes API server/ },
    { title: 'JSON of another kind', status: 200, body: '[1]', want: /not that of a Kubernetes/ },
    { title: 'an error of a gateway', status: 502, body: '', want: /answers 502 to \/version/ },
  ])('is not had from $title', async ({ status, body, want }) => {
    const { health, answers, probeAfter } = setUp();
    answers['/version'] = { status, body };

    await probeAfter(0);

    expect(health.isAlive).toBe(false);
    expect(health.lastError).toMatch(want);
  });

  it("reads the cluster's identity once a minute, and follows it", async () => {
    const { health, asked, answers, probeAfter } = setUp();
    await probeAfter(0);
    await probeAfter(2_000);
    expect(asked.filter((path) => path !== '/version')).toHaveLength(1);

    answers['/api/v1/namespaces/kube-system'] = { status: 200, body: '{"metadata":{"uid":"u2"}}' };
    await probeAfter(58_000);

    expect(health.uid).toBe('u2');
  });

  it('does without an identity that it may not read', async () => {
    const { health, asked, answers, probeAfter } = setUp();
    answers['/api/v1/namespaces/kube-system'] = { status: 403, body: '{}' };

    await probeAfter(0);
    await probeAfter(2_000);

    expect(health).toMatchObject({ isAlive: true, uid: undefined, lastError: undefined });
    expect(asked).toHaveLength(3);
  });

  it('is probed every 2 s, give or take a tenth, until stopped', async () => {
    const slept: number[] = [];
    const health: HealthProbe = new HealthProbe({
      name: 'm1',
      now: () => 0,
      log: { info: () => undefined, warn: () => undefined },
      sleep: (ms) => {
        slept.push(ms);
        if (slept.length === 50) health.stop();
        return Promise.resolve();
      },
    });

    await health.run(() => Promise.reject(new Error('down')));

    expect(slept).toHaveLength(50);
    expect(Math.min(...slept)).toBeGreaterThanOrEqual(1_800);
    expect(Math.max(...slept)).toBeLessThanOrEqual(2_200);
    expect(new Set(slept).size).toBeGreaterThan(1);
    await health.probed;
  });

  it('is told to have ended 5 s after the last answer, not at the next probe', async () => {
    let nowMs = 0;
    const told: [number, boolean][] = [];
    const health: HealthProbe = new HealthProbe({
      name: 'm1',
      now: () => nowMs,
      log: { info: () => undefined, warn: () => undefined },
      sleep: (ms) => {
        nowMs += ms;
        if (nowMs > 9_000) health.stop();
        return Promise.resolve();
      },
    });
    health.onChange(() => told.push([nowMs, health.isAlive]));
    let isUp = true;

    await health.run(({ path }) => {
      if (path !== '/version') isUp = false;
      const body = Buffer.from('{"gitVersion":"v1","metadata":{"uid":"u"}}');
      return isUp || path !== '/version'
        ? Promise.resolve({ statusCode: 200, headers: {}, body })
        : Promise.reject(new Error('frozen'));
    });

    expect(told.find(([, isAlive]) => !isAlive)?.[0]).toBe(5_000);
  });
});
