import { badRequest } from './status-error.ts';

export type LabelOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'GreaterThan' | 'LessThan';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** All must hold; an empty list selects everything. */
export type LabelSelector = readonly LabelRequirement[];

const NAME = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

interface Token {
  readonly kind: 'word' | 'symbol' | 'end';
  readonly text: string;
}

const SYMBOL = /^(?:==|!=|[=!<>(),])/;
const WORD = /^[^\s=!<>(),]+/;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const symbol = SYMBOL.exec(rest)?.[0];
    const word = symbol ?? WORD.exec(rest)?.[0] ?? rest.charAt(0);
    tokens.push({ kind: symbol === undefined ? 'word' : 'symbol', text: word });
    rest = rest.slice(word.length).trimStart();
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  isDone(): boolean {
    return this.next.kind === 'end';
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  isNext(symbol: string): boolean {
    return this.next.kind === 'symbol' && this.next.text === symbol;
  }

  requirement(): LabelRequirement {
    const negated = this.isNext('!');
    if (negated) this.take();
    const key = this.#word('identifier');
    checkKey(key);
    if (negated) return { key, operator: 'DoesNotExist', values: [] };
    if (this.next.kind === 'end' || this.isNext(','))
      return { key, operator: 'Exists', values: [] };
    return this.#comparison(key);
  }

  #comparison(key: string): LabelRequirement {
    const operator = this.take().text;
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value(key)] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value(key)] };
      case 'in':
        return { key, operator: 'In', values: this.#values(key) };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#values(key) };
      case '>':
        return { key, operator: 'GreaterThan', values: [this.#integer()] };
      case '<':
        return { key, operator: 'LessThan', values: [this.#integer()] };
      default:
        throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #word(expected: string): string {
    const token = this.take();
    if (token.kind !== 'word') throw unparsable(`found '${token.text}', expected: ${expected}`);
    return token.text;
  }

  /** A single value may be empty: `key=`. */
  #value(key: string): string {
    if (this.next.kind === 'end' || this.isNext(',')) return '';
    const value = this.#word('identifier');
    checkValue(key, value);
    return value;
  }

  #integer(): string {
    const value = this.next.kind === 'end' || this.isNext(',') ? '' : this.#word('identifier');
    if (!/^[+-]?\d+$/.test(value)) {
      throw unparsable(
        `values[0]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return value;
  }

  #values(key: string): string[] {
    if (!this.isNext('(')) throw unparsable(`found '${this.next.text}' expected: '('`);
    this.take();
    const values = new Set<string>();
    for (;;) {
      if (this.isNext(')') || this.isNext(',')) {
        values.add('');
      } else {
        const value = this.#word(
          values.size === 0 ? "',', ')' or identifier" : "',', or identifier",
        );
        checkValue(key, value);
        values.add(value);
      }
      const separator = this.take();
      if (separator.kind === 'symbol' && separator.text === ')') return [...values].sort();
      if (separator.text !== ',')
        throw unparsable(`found '${separator.text}', expected: ',' or ')'`);
    }
  }
}

function unparsable(message: string): Error {
  return badRequest(`unable to parse requirement: ${message}`);
}

function checkKey(key: string): void {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const prefixIsGood = prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix));
  if (prefixIsGood && NAME.test(name)) return;
  throw unparsable(
    `<nil>: Invalid value: "${key}": a valid label key is an optional DNS subdomain and '/', then 1-63 alphanumeric characters, '-', '_' or '.', beginning and ending with an alphanumeric character`,
  );
}

function checkValue(key: string, value: string): void {
  if (value === '' || NAME.test(value)) return;
  throw unparsable(
    `values[0][${key}]: Invalid value: "${value}": a valid label value is at most 63 alphanumeric characters, '-', '_' or '.', beginning and ending with an alphanumeric character`,
  );
}

/**
 * Reads a label selector in the text form of list options.
 * @throws BadRequest when it can't be read
 */
export function parseLabelSelector(text: string): LabelSelector {
  const parser = new Parser(text);
  const requirements: LabelRequirement[] = [];
  if (parser.isDone()) return requirements;
  expectRequirement(parser, "!, identifier, or 'end of string'");
  for (;;) {
    requirements.push(parser.requirement());
    const token = parser.take();
    if (token.kind === 'end') return requirements;
    if (token.text !== ',' || token.kind !== 'symbol')
      throw badRequest(`found '${token.text}', expected: ',' or 'end of string'`);
    expectRequirement(parser, "identifier after ','");
  }
}

function expectRequirement(parser: Parser, expected: string): void {
  const { kind, text } = parser.next;
  if (kind !== 'word' && !parser.isNext('!'))
    throw badRequest(`found '${text}', expected: ${expected}`);
}

/** Whether labels satisfy one requirement; NotIn and != hold for a missing key too. */
export function matchesRequirement(
  requirement: LabelRequirement,
  value: string | undefined,
): boolean {
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'GreaterThan':
      return compareIntegers(value, requirement.values[0], (a, b) => a > b);
    case 'LessThan':
      return compareIntegers(value, requirement.values[0], (a, b) => a < b);
  }
}

function compareIntegers(
  left: string | undefined,
  right: string | undefined,
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  if (left === undefined || right === undefined || !/^[+-]?\d+$/.test(left)) return false;
  return holds(BigInt(left.replace('+', '')), BigInt(right.replace('+', '')));
}

export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return selector.every((requirement) => {
    const { key } = requirement;
    return matchesRequirement(requirement, Object.hasOwn(labels, key) ? labels[key] : undefined);
  });
}

const SIGNS: Record<LabelOperator, string> = {
  In: 'in',
  NotIn: 'notin',
  Exists: '',
  DoesNotExist: '!',
  GreaterThan: '>',
  LessThan: '<',
};

/** The text form that a member reads; the inverse of parseLabelSelector. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector
    .map(({ key, operator, values }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      if (operator === 'GreaterThan' || operator === 'LessThan')
        return `${key}${SIGNS[operator]}${values[0] ?? ''}`;
      return `${key} ${SIGNS[operator]} (${values.join(',')})`;
    })
    .join(',');
}
