/**
 * Thrown when bytes are not strict JSON of the expected shape. The message never holds any of the
 * bytes (they may be a Secret's); the caller turns it into a StatusError that names the cluster.
 */
export class MalformedJson extends Error {
  /** Where the fault is: bytes from the start of the buffer that was read. */
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(`${problem} at byte ${offset}`);
    this.name = 'MalformedJson';
    this.offset = offset;
  }
}
