import type { Host } from '../../src/identity/index.ts';
import type { MemberFetch } from '../../src/members/index.ts';

/** What a host answers: an HTTP code and a body; a thrown error stands for a host that is gone. */
export type Script = (call: {
  readonly path: string;
  readonly body: Record<string, unknown>;
}) => Promise<readonly [code: number, body: object]> | readonly [code: number, body: object];

/** A host that answers by script, and counts what it is asked. */
export function scriptedHost(script: Script): Host & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    fetch: async ({ path, body }: MemberFetch) => {
      asked += 1;
      const text = Buffer.isBuffer(body) ? body.toString() : '{}';
      const [statusCode, answer] = await script({
        path,
        body: JSON.parse(text) as Record<string, unknown>,
      });
      return { statusCode, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    },
    request: () => Promise.reject(new Error('nothing is streamed here')),
  };
}
