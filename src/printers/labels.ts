/** A label selector as the API has it. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** `a=1,b=2` in the order of the keys, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(',') || '<none>';
}

/**
 * A selector as text: requirements by key, `a=1,b in (x,y),!c`. Empty for a selector that selects
 * everything or nothing; undefined when an operator or its values are none that exist.
 */
export function selectorText(selector: LabelSelector | null | undefined): string | undefined {
  const equals = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const others = (selector?.matchExpressions ?? []).map((requirement) => ({
    key: requirement.key,
    text: requirementText(requirement),
  }));

  const all = [...equals, ...others];
  if (all.some(({ text }) => text === undefined)) return undefined;
  return all
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ text }) => text)
    .join(',');
}

/** A selector as most kinds show it: `<none>` when empty, `<error>` when it is not one. */
export function formatSelector(selector: LabelSelector | null | undefined): string {
  const text = selectorText(selector);
  return text === undefined ? '<error>' : text || '<none>';
}

function requirementText({ key, operator, values = [] }: Requirement): string | undefined {
  const list = `(${[...values].sort().join(',')})`;
  switch (operator) {
    case 'In':
      return values.length > 0 ? `${key} in ${list}` : undefined;
    case 'NotIn':
      return values.length > 0 ? `${key} notin ${list}` : undefined;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return undefined;
  }
}
