import { malformed } from './grammar.ts';
import { scanFacts, type ObjectFacts } from './read-facts.ts';
import { CLOSE_BRACE, keyOf, OPEN_BRACE, scanObject, type Scanner } from './scanner.ts';

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
  return cut(frame, (scanner) => {
    scanner.skipValue(OBJECT_DEPTH);
  });
}

/** What `readFrame` gives, and the object's facts. */
export interface FrameWithFacts extends WatchFrame {
  facts: ObjectFacts;
}

/**
 * `readFrame` and `readFacts` in one pass over the bytes.
 *
 * @throws MalformedJson when `readFrame` does
 */
export function readFrameWithFacts(frame: Buffer): FrameWithFacts {
  let facts: ObjectFacts | undefined;
  const { type, object } = cut(frame, (scanner) => {
    facts = scanFacts(scanner, OBJECT_DEPTH);
  });
  return { type, object, facts: facts ?? malformed('a frame without object', 0) };
}

/** Containers around the object: the frame. */
const OBJECT_DEPTH = 1;

/** @param readObject - passes the object at the scanner */
function cut(frame: Buffer, readObject: (scanner: Scanner) => void): WatchFrame {
  const scanner = scanObject(frame);
  let type: string | undefined;
  let object: Buffer | undefined;
  for (let more = scanner.enter(CLOSE_BRACE, 1); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readKey();
    if (scanner.keyIs(TYPE)) type = scanner.readIfString(1);
    else if (scanner.keyIs(OBJECT) && scanner.peek() === OPEN_BRACE) {
      const start = scanner.position;
      readObject(scanner);
      object = frame.subarray(start, scanner.position);
    } else {
      if (scanner.keyIs(OBJECT)) object = undefined; // the last of equal keys wins, even if it is no object
      scanner.skipValue(1);
    }
  }
  scanner.finish();
  return {
    type: type ?? malformed('a frame without type', 0),
    object: object ?? malformed('a frame without object', 0),
  };
}
