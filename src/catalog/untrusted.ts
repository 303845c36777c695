import { StatusError } from '../kube/index.ts';

/** A JSON object whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a member said can't be understood; never shown to clients, kept as the member's fault. */
export function garbage(what: string, cause?: unknown): StatusError {
  return new StatusError('BadGateway', what, { cause });
}

/**
 * The JSON object in a body.
 * @throws BadGateway when it is none
 */
export function parseFields(body: Buffer, what: string): Fields {
  try {
    return asFields(JSON.parse(body.toString('utf8')), what);
  } catch (err) {
    throw err instanceof StatusError ? err : garbage(`${what} is not JSON`, err);
  }
}

/** @throws BadGateway when the value is not an object */
export function asFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw garbage(`${what} is not an object`);
  }
  return value as Fields;
}

/**
 * The objects in a list; Go writes an empty one as null.
 * @throws BadGateway when it is neither a list of objects nor null nor absent
 */
export function asObjects(value: unknown, what: string): Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw garbage(`${what} is not a list`);
  return value.map((item) => asFields(item, `an item of ${what}`));
}

/** @throws BadGateway when it is neither a list of strings nor null nor absent */
export function asStrings(value: unknown, what: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw garbage(`${what} is not a list of strings`);
  }
  return value;
}

/** '' when absent. @throws BadGateway when it is no string */
export function asText(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw garbage(`${what} is not a string`);
  return value;
}

/** @throws BadGateway when it is no string, or empty */
export function asName(value: unknown, what: string): string {
  const text = asText(value, what);
  if (text === '') throw garbage(`${what} is missing`);
  return text;
}
