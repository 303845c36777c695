import {
  badRequest,
  CACHED_FROM_ANNOTATION,
  CLUSTER_LABEL,
  CLUSTERS_ANNOTATION,
  MEMBER_VERSION_ANNOTATION,
  splitName,
} from '../kube/index.ts';
import { textAt, walk, type BodyNode } from './body-node.ts';
import { cleanManagedFields } from './clean-managed-fields.ts';
import { cleanSelector } from './clean-selectors.ts';
import { dropKeys, type Cleaning } from './cleaning.ts';
import { parseJson } from './json-node.ts';
import { shownName, staleVersion } from './refusals.ts';
import { writtenReferences } from './written-references.ts';

const OUR_ANNOTATIONS = [CACHED_FROM_ANNOTATION, MEMBER_VERSION_ANNOTATION, CLUSTERS_ANNOTATION];
/** kubectl keeps the manifest that it applied last in it, as JSON text. */
const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Takes off an object (or a patch of one) what a view put on it, and turns names and versions of the
 * view into the member's. All else stays.
 * @throws BadRequest for another object's name, Conflict for a version that is not known, Invalid for
 * what belongs to another member
 */
export function cleanObject(root: BodyNode, cleaning: Cleaning): void {
  for (const metadata of root.fields('metadata')) cleanMetadata(metadata, cleaning);
  for (const { path, form } of writtenReferences(cleaning.target)) {
    if (form === 'name') cleanReferences(root, path, cleaning);
    else cleanSelector(root, { path, form }, cleaning);
  }
}

/** Translates the version that a DeleteOptions below `path` makes its condition. */
export function cleanPreconditions(
  root: BodyNode,
  path: readonly string[],
  cleaning: Cleaning,
): void {
  for (const version of walk(root, [...path, 'preconditions', 'resourceVersion'])) {
    translateVersion(version, '', cleaning);
  }
}

function cleanMetadata(metadata: BodyNode, cleaning: Cleaning): void {
  const memberVersion = textAt(metadata, ['annotations', MEMBER_VERSION_ANNOTATION]);
  for (const version of metadata.fields('resourceVersion')) {
    translateVersion(version, memberVersion, cleaning);
  }
  for (const name of metadata.fields('name')) cleanName(name, cleaning);
  dropKeys(metadata, { map: 'labels', keys: [CLUSTER_LABEL] }, cleaning, (label) => {
    cleaning.refuseUnlessOwn(label, `metadata.labels[${CLUSTER_LABEL}]`);
  });
  for (const applied of walk(metadata, ['annotations', LAST_APPLIED_ANNOTATION])) {
    cleanLastApplied(applied, cleaning);
  }
  dropKeys(metadata, { map: 'annotations', keys: OUR_ANNOTATIONS }, cleaning);
  cleanManagedFields(metadata, cleaning);
}

/**
 * What this replica knows of a version comes before what the annotation says: clients put a version
 * that they have just read on an object, annotation included, that they read long ago.
 */
function translateVersion(version: BodyNode, annotation: string, cleaning: Cleaning): void {
  const ours = version.text ?? '';
  const { target } = cleaning;
  if (ours === '' || ours === '0' || target.name === '') return;
  const theirs = target.memberVersion(ours) ?? (cleaning.isQuoted ? ours : annotation);
  if (theirs === '') throw staleVersion(target);
  if (theirs !== ours) version.replaceText(theirs);
}

function cleanName(name: BodyNode, cleaning: Cleaning): void {
  const { target } = cleaning;
  const shown = name.text ?? '';
  const plain = splitName(shown, target.isMember);
  if (!cleaning.isQuoted) refuseOtherName(shown, plain, cleaning);
  if (plain.cluster !== '') name.replaceText(plain.name);
}

function refuseOtherName(
  shown: string,
  { name, cluster }: { name: string; cluster: string },
  { target }: Cleaning,
): void {
  const isElsewhere = cluster !== '' && cluster !== target.cluster;
  const isOther = target.name !== '' && name !== '' && name !== target.name;
  if (!isElsewhere && !isOther) return;
  throw badRequest(
    target.name === ''
      ? `the name of the object (${shown}) belongs to another cluster than ${target.cluster}`
      : `the name of the object (${shown}) does not match the name on the URL (${shownName(target)})`,
  );
}

function cleanReferences(root: BodyNode, path: readonly string[], cleaning: Cleaning): void {
  for (const reference of walk(root, path)) {
    const { name, cluster } = splitName(reference.text ?? '', cleaning.target.isMember);
    if (cluster === '') continue;
    if (cluster !== cleaning.target.cluster) cleaning.refuse(path.join('.'), reference.text ?? '');
    reference.replaceText(name);
  }
}

/** A manifest quoted inside: nothing in it is acted on, so nothing in it is refused. */
function cleanLastApplied(applied: BodyNode, cleaning: Cleaning): void {
  const text = applied.text ?? '';
  const manifest = readManifest(text);
  if (!manifest) return;
  cleanObject(manifest, cleaning.quoted());
  if (manifest.isChanged) applied.replaceText(manifest.toText() + (/\s*$/.exec(text)?.[0] ?? ''));
}

function readManifest(text: string): ReturnType<typeof parseJson> | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
