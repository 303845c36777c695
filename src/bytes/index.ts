/**
 * The bytes room: Kubernetes objects as the bytes a member wrote. It cuts lists and watch frames into
 * objects, reads the few fields that caches and selectors need, and rewrites single places, without
 * ever building an object in memory. Pure: no I/O, no clock.
 *
 * It promises to be strict: what it answers is what a lossless JSON reader would have read, or it
 * throws MalformedJson. The bytes must follow RFC 8259 to the last one, be well-formed UTF-8 without
 * byte order mark, and nest no deeper than 10,000 containers. Of equal keys the last wins; keys with
 * escapes are understood; an object nested in another is never taken for it.
 *
 * It may import kube.
 */
export { compileRules, type Rewriter } from './compile-rules.ts';
export { FrameSplitter } from './frame-splitter.ts';
export { inOwnMemory } from './in-own-memory.ts';
export { MalformedJson } from './malformed-json.ts';
export { quote } from './quote.ts';
export { readFacts, type ObjectFacts } from './read-facts.ts';
export {
  readFrame,
  readFrameWithFacts,
  type FrameWithFacts,
  type WatchFrame,
} from './read-frame.ts';
export { readPaths } from './read-paths.ts';
export { type Members, type Rule } from './rule.ts';
export { sliceAt } from './slice-at.ts';
export { splitList, splitListWithFacts, type ListParts, type ListWithFacts } from './split-list.ts';
