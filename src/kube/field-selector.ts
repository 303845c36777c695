import { badRequest } from './status-error.ts';

export interface FieldRequirement {
  /** As written: `metadata.name`, `spec.nodeName`. */
  readonly field: string;
  readonly negated: boolean;
  readonly value: string;
}

/** All must hold; an empty list selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * Reads a field selector (`a=b,c!=d`; `\\`, `\,` and `\=` are escapes in values).
 * @throws BadRequest when it can't be read
 */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^((?:[^=!\\]|\\.|!(?!=))*?)(==|!=|=)([^]*)$/.exec(term);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator = '', value = ''] = match;
      return { field, negated: operator === '!=', value: unescapeValue(value) };
    })
    .filter(({ field, value }) => field !== '' || value !== '');
}

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(value: string): string {
  let out = '';
  for (let i = 0; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (char === '\\') {
      const escaped = value.charAt(i + 1);
      if (!['\\', ',', '='].includes(escaped) || escaped === '') {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      out += escaped;
      i += 1;
    } else if (char === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: 61`);
    } else {
      out += char;
    }
  }
  return out;
}

/** The text form that a member reads; the inverse of parseFieldSelector. */
export function formatFieldSelector(selector: FieldSelector): string {
  return selector
    .map(
      ({ field, negated, value }) =>
        `${field}${negated ? '!=' : '='}${value.replace(/[\\,=]/g, '\\$&')}`,
    )
    .join(',');
}
