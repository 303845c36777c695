import { describe, expect, it } from 'vitest';
import { qualifyStatus } from '../../src/translation/index.ts';

const failure = (message: string, name: string) =>
  `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":${JSON.stringify(message)},` +
  `"reason":"X","details":{"name":"${name}","kind":"pods","retryAfterSeconds":1},"code":404}\n`;

describe('a member’s Status is told in the view’s names', () => {
  it.each([
    ['pods "web" not found', 'pods "web@m1" not found'],
    [
      'Operation cannot be fulfilled on pods "web": the object has been modified',
      'Operation cannot be fulfilled on pods "web@m1": the object has been modified',
    ],
    [
      'pods "web" is forbidden: User "web" cannot get resource "pods"',
      'pods "web@m1" is forbidden: User "web" cannot get resource "pods"',
    ],
    ['no name here', 'no name here'],
  ])('%s', (message, want) => {
    const shown = qualifyStatus(Buffer.from(failure(message, 'web')), 'm1');

    expect(shown.toString()).toBe(failure(want, 'web@m1').trimEnd());
  });

  it('of a delete too', () => {
    const success = '{"kind":"Status","status":"Success","details":{"name":"web","uid":"u"}}';

    expect(qualifyStatus(Buffer.from(success), 'm1').toString()).toBe(
      '{"kind":"Status","status":"Success","details":{"name":"web@m1","uid":"u"}}',
    );
  });

  it.each([
    ['a Status about no object', '{"kind":"Status","message":"\\"\\" x","details":{"name":""}}'],
    ['a Status without details', '{"kind":"Status","message":"pods \\"web\\" not found"}'],
    ['an object', '{"kind":"Pod","details":{"name":"web"}}'],
    ['what is no JSON', 'service unavailable'],
    ['nothing', ''],
  ])('but %s stays as it is', (_, body) => {
    const status = Buffer.from(body);

    expect(qualifyStatus(status, 'm1')).toBe(status);
  });
});
