/**
 * A JSON value as a server written in Go prints it into a text cell: strings as they are, objects
 * and arrays as JSON with sorted keys.
 */
export function goText(value: unknown): string {
  if (value === null) return '<no value>';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? goNumber(value) : goJson(value);
}

/** Whole numbers of 64 bits are written out. */
const WHOLE_LIMIT = 2 ** 63;

/** Other numbers take an exponent, of two digits at least, from a million up and below 1e-4. */
function goNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < WHOLE_LIMIT) return value.toString();
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential() : value.toString();
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value as Record<string, unknown>).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    return `{${fields.map(([key, field]) => `${goJson(key)}:${goJson(field)}`).join(',')}}`;
  }
  return typeof value === 'bigint' ? value.toString() : escaped(JSON.stringify(value));
}

/** Go escapes what could end a script element. */
function escaped(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
