import { CLOSE_BRACE, keyOf, OPEN_BRACE, scanObject } from './scanner.ts';

/** One event of a watch. */
export interface WatchFrame {
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`; others are handed on as they are. */
  type: string;
  /** The object, or the Status of an ERROR; a view of the frame, which it keeps alive. */
  object: Buffer;
}

const TYPE = keyOf('type');
const OBJECT = keyOf('object');

/**
 * Cuts the object out of a watch frame and checks all of it. Of equal keys the last wins.
 *
 * @throws MalformedJson unless the frame is an object in strict JSON and well-formed UTF-8 that
 * holds a string `type` and an object `object`
 */
export function readFrame(frame: Buffer): WatchFrame {
  const scanner = scanObject(frame);
  let type: string | undefined;
  let object: Buffer | undefined;
  for (let more = scanner.enter(CLOSE_BRACE, 1); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(TYPE)) type = scanner.readIfString(1);
    else if (scanner.keyIs(OBJECT)) {
      const isObject = scanner.peek() === OPEN_BRACE;
      const start = scanner.position;
      scanner.skipValue(1);
      object = isObject ? frame.subarray(start, scanner.position) : undefined;
    } else scanner.skipValue(1);
  }
  scanner.finish();
  return {
    type: type ?? scanner.fail('a frame without type', 0),
    object: object ?? scanner.fail('a frame without object', 0),
  };
}
