import { CLUSTER_LABEL, parseLabelSelector, StatusError, type Reference } from '../kube/index.ts';
import { walk, type BodyNode } from './body-node.ts';
import { dropEmptied, dropKeys, type Cleaning } from './cleaning.ts';

interface Requirement {
  readonly operator: string;
  readonly values: readonly string[];
}

/**
 * Takes the virtual label out of a selector. At its own member every object has it, so that what it
 * satisfies says nothing there; what it can't satisfy is refused.
 * @throws Invalid when the selector asks for another member
 */
export function cleanSelector(root: BodyNode, { path, form }: Reference, cleaning: Cleaning): void {
  if (form === 'selectorText') cleanTexts(root, path, cleaning);
  else if (form === 'labelSelector') cleanLabelSelectors(root, path, cleaning);
  else if (form === 'labelMap') {
    for (const parent of walk(root, path.slice(0, -1))) {
      cleanMap(parent, { map: path.at(-1) ?? '', field: path.join('.') }, cleaning);
    }
  }
}

function cleanMap(
  parent: BodyNode,
  { map, field }: { map: string; field: string },
  cleaning: Cleaning,
): void {
  dropKeys(parent, { map, keys: [CLUSTER_LABEL] }, cleaning, (label) => {
    cleaning.refuseUnlessOwn(label, `${field}[${CLUSTER_LABEL}]`);
  });
}

function cleanLabelSelectors(root: BodyNode, path: readonly string[], cleaning: Cleaning): void {
  for (const selector of walk(root, path)) {
    const field = path.join('.');
    cleanMap(selector, { map: 'matchLabels', field: `${field}.matchLabels` }, cleaning);
    const isOurs = (element: BodyNode): boolean =>
      element.fields('key').some(({ text }) => text === CLUSTER_LABEL);
    for (const expressions of selector.fields('matchExpressions')) {
      const tags = expressions.elements().filter(isOurs);
      if (tags.length === 0) continue;
      for (const tag of tags) {
        refuseUnmet(readExpression(tag), `${field}.matchExpressions`, cleaning);
      }
      expressions.removeElements(isOurs);
      dropEmptied(selector, 'matchExpressions', cleaning);
    }
  }
}

function readExpression(expression: BodyNode): Requirement {
  return {
    operator: expression.fields('operator').at(-1)?.text ?? '',
    values: walk(expression, ['values', '*']).map(({ text }) => text ?? ''),
  };
}

function refuseUnmet(requirement: Requirement, field: string, cleaning: Cleaning): void {
  if (isMet(requirement, cleaning.target.cluster)) return;
  const { operator, values } = requirement;
  cleaning.refuse(field, `${CLUSTER_LABEL} ${operator} (${values.join(',')})`);
}

function isMet({ operator, values }: Requirement, cluster: string): boolean {
  if (operator === 'In') return values.includes(cluster);
  if (operator === 'NotIn') return !values.includes(cluster);
  return operator === 'Exists';
}

function cleanTexts(root: BodyNode, path: readonly string[], cleaning: Cleaning): void {
  for (const selector of walk(root, path)) {
    const text = selector.text ?? '';
    if (!text.includes(CLUSTER_LABEL)) continue;
    const terms = splitTerms(text);
    const kept = terms.filter((term) => {
      const requirement = readTag(term);
      if (requirement) refuseUnmet(requirement, path.join('.'), cleaning);
      return requirement === undefined;
    });
    if (kept.length < terms.length) selector.replaceText(kept.join(','));
  }
}

/** Splits at the commas that stand outside of parentheses. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** The requirement on the virtual label; undefined for a term on any other, readable or not. */
function readTag(term: string): Requirement | undefined {
  try {
    return parseLabelSelector(term).find(({ key }) => key === CLUSTER_LABEL);
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
