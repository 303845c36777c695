/**
 * Plain words that Go's YAML reader, which follows YAML 1.1, takes for something else than text.
 * @see https://yaml.org/type/bool.html
 */
const WORDS = new Map<string, string>([
  ...spellings('true', ['y', 'yes', 'true', 'on']),
  ...spellings('false', ['n', 'no', 'false', 'off']),
  ...spellings('null', ['null']),
  ['', 'null'],
  ['~', 'null'],
]);

function spellings(literal: string, words: readonly string[]): [string, string][] {
  return words.flatMap((word): [string, string][] => [
    [word, literal],
    [word.charAt(0).toUpperCase() + word.slice(1), literal],
    [word.toUpperCase(), literal],
  ]);
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?((?:[eE][-+]?\d+)?)$/;
const RADIX = /^([-+]?)0([xob]?)([0-9a-f]+)$/i;
const NOT_JSON = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;
const DIGITS: Readonly<Record<string, RegExp>> = {
  x: /^[0-9a-f]+$/i,
  o: /^[0-7]+$/,
  b: /^[01]+$/,
};

/**
 * The JSON literal that a plain scalar stands for: `yes` → `true`, `0x1f` → `31`, `1_000` → `1000`;
 * undefined when it is text. Numbers that JSON can write stay as they are written.
 * @throws SyntaxError for infinities, which JSON can't write
 */
export function resolvePlain(text: string): string | undefined {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (NOT_JSON.test(text)) throw new SyntaxError(`yaml: ${text} can't be written as JSON`);
  if (JSON_NUMBER.test(text)) return text;
  if (!/^[-+.\d]/.test(text)) return undefined;
  const number = text.replaceAll('_', '');
  return readRadix(number) ?? readDecimal(number);
}

/** Hexadecimal, octal in both spellings, binary; exact at any size. */
function readRadix(text: string): string | undefined {
  const [, sign = '', letter = '', digits = ''] = RADIX.exec(text) ?? [];
  const radix = letter === '' ? 'o' : letter.toLowerCase();
  if (digits === '' || DIGITS[radix]?.test(digits) !== true) return undefined;
  return (sign === '-' ? '-' : '') + BigInt(`0${radix}${digits}`).toString();
}

/** `+1`, `.5`, `1.`, `007.5`: decimals that JSON writes differently. */
function readDecimal(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = DECIMAL.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}${exponent}`;
}
