import { isNewerVersion, parseVersion } from '../kube/index.ts';

/** How far a member was read, and whether it is still the same one. */
export class Progress {
  /** The member's version to go on from; '' when it must be read in full. */
  resumeFrom = '';
  /** The latest version that was told; '' if none was. */
  #reached = '';
  #uid: string | undefined;
  #isAnother = false;

  constructor(uid: string | undefined) {
    this.#uid = uid;
  }

  /** Returns whether another cluster stands at the member's address: it must be read in full then. */
  follow(uid: string | undefined): boolean {
    const isAnother = uid !== undefined && this.#uid !== undefined && uid !== this.#uid;
    this.#uid = uid ?? this.#uid;
    if (!isAnother) return false;
    this.#isAnother = true;
    this.resumeFrom = '';
    return true;
  }

  advance(version: string): void {
    this.resumeFrom = version;
    this.#reached = version;
  }

  /**
   * Takes note of a full read at a version. Returns whether nothing of before counts: it is of another
   * cluster, or older than what was told before, as after a restore from a backup. Versions don't say
   * any more then which object is newer.
   */
  startsOver(version: string): boolean {
    const isRewound = parseVersion(version) !== undefined && isNewerVersion(this.#reached, version);
    const startsOver = this.#reached !== '' && (isRewound || this.#isAnother);
    this.#isAnother = false;
    this.#reached = version;
    return startsOver;
  }
}
