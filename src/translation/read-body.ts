import { badRequest, type StatusError } from '../kube/index.ts';
import { parseJson, type JsonNode } from './json-node.ts';
import { decodeUtf8 } from './json-text.ts';
import type { BodyForm } from './media-types.ts';
import { yamlToJson } from './yaml-to-json.ts';

/** What a body claims to be, for the message when it is not. */
export interface ExpectedBody {
  readonly form: BodyForm;
  /** '' when any kind will do. */
  readonly kind: string;
}

/** @throws BadRequest unless the body is an object in JSON or, in the forms that allow it, in YAML */
export function readObjectBody(body: Buffer, expected: ExpectedBody): JsonNode {
  const root = readJsonBody(body, expected);
  if (!root.isObject) throw unreadable(expected, 'the body is not an object');
  return root;
}

/** @throws BadRequest */
export function readJsonBody(body: Buffer, expected: ExpectedBody): JsonNode {
  const { form } = expected;
  return readOrRefuse(expected, () => {
    const text = decodeUtf8(body);
    return form === 'yaml' || form === 'apply' ? parseJsonOrYaml(text) : parseJson(text);
  });
}

/**
 * Runs a reader: what it stumbles over is the client's fault.
 * @throws BadRequest for a SyntaxError
 */
export function readOrRefuse<T>(expected: ExpectedBody, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(expected, error.message);
    throw error;
  }
}

/** JSON is YAML, and kept as it is written. */
function parseJsonOrYaml(text: string): JsonNode {
  try {
    return parseJson(text);
  } catch {
    return parseJson(yamlToJson(text));
  }
}

function unreadable({ form, kind }: ExpectedBody, problem: string): StatusError {
  if (form === 'apply') return badRequest(`error decoding YAML: ${problem}`);
  if (form === 'merge-patch' || form === 'json-patch') {
    return badRequest(`error decoding patch: ${problem}`);
  }
  const type = kind === '' ? '' : ` (must be of type ${kind})`;
  return badRequest(`the object provided is unrecognized${type}: ${problem}`);
}
