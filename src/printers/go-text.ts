/**
 * A JSON value as a server written in Go prints it into a text cell: strings as they are, objects
 * and arrays as JSON with sorted keys.
 */
export function goText(value: unknown): string {
  if (value === null) return '<no value>';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? goNumber(value) : goJson(value);
}

/** Exponents from 1e21 up, and from 1e-5 down, of two digits at least. */
function goNumber(value: number): string {
  if (Number.isInteger(value)) return value.toString();
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : value.toString();
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
