import { describe, expect, it } from 'vitest';
import { bodyMeter } from '../../src/proxy/body-meter.ts';

const chunked = 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n';
const body = '4\r\nWiki\r\n1f;x=y\r\n' + 'z'.repeat(31) + '\r\n0\r\nTrailer: a\r\n\r\n';

describe('a raw response body', () => {
  it.each([
    {
      title: 'of known length',
      head: 'HTTP/1.1 403 X\r\ncontent-length: 5\r\n\r\n',
      bytes: 'helloNEXT',
      want: 5,
    },
    { title: 'in chunks', head: chunked, bytes: `${body}NEXT`, want: body.length },
    { title: 'of none', head: 'HTTP/1.1 204 No\r\n\r\n', bytes: 'NEXT', want: 0 },
  ])('$title ends where it ends, however it is cut', ({ head, bytes, want }) => {
    const status = Number(head.slice(9, 12));
    for (let size = 1; size <= bytes.length; size += 1) {
      const meter = bodyMeter(head, status);
      let taken = 0;
      for (let at = 0; at < bytes.length && !meter.isDone; at += size) {
        taken += meter.take(Buffer.from(bytes.slice(at, at + size)));
      }
      expect({ size, taken, isDone: meter.isDone }).toEqual({ size, taken: want, isDone: true });
    }
  });

  it('without a length lasts as long as the connection', () => {
    const meter = bodyMeter('HTTP/1.1 200 OK\r\n\r\n', 200);

    expect(meter.take(Buffer.alloc(9_999))).toBe(9_999);
    expect(meter.isDone).toBe(false);
  });

  it("with a chunk size that is none is relayed to the connection's end", () => {
    const meter = bodyMeter(chunked, 400);

    expect(meter.take(Buffer.from('zz\r\nwhatever\r\n0\r\n\r\n'))).toBe(19);
    expect(meter.isDone).toBe(false);
  });
});
