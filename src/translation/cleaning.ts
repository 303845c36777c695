import type { BodyNode } from './body-node.ts';
import { namesAnotherMember } from './refusals.ts';
import type { TranslationTarget } from './translation-target.ts';

export interface CleaningOptions {
  /** Keep a map that held nothing but tags, as an empty one. */
  readonly keepsEmptied?: boolean;
  /** The object is text inside another: nothing in it is refused. */
  readonly isQuoted?: boolean;
}

/** One translation: what it is for and how strict it is. */
export class Cleaning {
  readonly target: TranslationTarget;
  readonly keepsEmptied: boolean;
  readonly isQuoted: boolean;

  constructor(target: TranslationTarget, options: CleaningOptions = {}) {
    this.target = target;
    this.keepsEmptied = options.keepsEmptied ?? false;
    this.isQuoted = options.isQuoted ?? false;
  }

  quoted(): Cleaning {
    return new Cleaning(this.target, { isQuoted: true });
  }

  /** @throws Invalid, but for a quoted object */
  refuse(field: string, value: string): void {
    if (!this.isQuoted) throw namesAnotherMember(this.target, field, value);
  }

  /** A virtual label may name the object's own member, or be null: a patch that takes it off. */
  refuseUnlessOwn(label: BodyNode, field: string): void {
    if (label.isNull || label.text === this.target.cluster) return;
    this.refuse(field, label.text ?? '');
  }
}

/**
 * Removes tags from a map of strings; the map too, if nothing else was in it: an object without
 * labels gets them from the view only.
 */
export function dropKeys(
  parent: BodyNode,
  { map, keys }: { map: string; keys: readonly string[] },
  cleaning: Cleaning,
  check: (value: BodyNode) => void = () => undefined,
): void {
  const maps = parent.fields(map);
  let isTouched = false;
  for (const each of maps) {
    for (const key of keys) {
      const values = each.fields(key);
      if (values.length === 0) continue;
      values.forEach(check);
      each.removeField(key);
      isTouched = true;
    }
  }
  if (isTouched) dropEmptied(parent, map, cleaning);
}

/** Removes a field that was emptied of tags. */
export function dropEmptied(parent: BodyNode, key: string, cleaning: Cleaning): void {
  if (cleaning.keepsEmptied) return;
  if (parent.fields(key).every(({ isEmpty }) => isEmpty)) parent.removeField(key);
}
