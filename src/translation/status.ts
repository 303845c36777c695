import { qualify } from '../kube/index.ts';
import { textAt, walk, type BodyNode } from './body-node.ts';
import { parseJson, type JsonNode } from './json-node.ts';
import { decodeUtf8 } from './json-text.ts';

/**
 * A member's Status (a failure, or the success of a delete) with the object's name as a view shows it:
 * in `details.name`, and where the message quotes it first. Anything else, and any body that is no
 * Status in JSON, stays as it is.
 */
export function qualifyStatus(status: Buffer, cluster: string): Buffer {
  const root = readStatus(status);
  if (!root) return status;
  const name = textAt(root, ['details', 'name']);
  if (name === '') return status;
  const shown = qualify(name, cluster);
  for (const each of walk(root, ['details', 'name'])) each.replaceText(shown);
  for (const message of root.fields('message')) qualifyQuoted(message, name, shown);
  return root.toBytes();
}

function qualifyQuoted(message: BodyNode, name: string, shown: string): void {
  const text = message.text ?? '';
  const quoted = `"${name}"`;
  const at = text.indexOf(quoted);
  if (at < 0) return;
  message.replaceText(`${text.slice(0, at)}"${shown}"${text.slice(at + quoted.length)}`);
}

function readStatus(status: Buffer): JsonNode | undefined {
  try {
    const root = parseJson(decodeUtf8(status));
    return textAt(root, ['kind']) === 'Status' ? root : undefined;
  } catch {
    return undefined;
  }
}
