import { referencesOf, type Reference } from '../kube/index.ts';

/**
 * References in bodies that are only ever written, so that no reader is served them: a client names
 * the other object as it read it there. By `group/resource[/subresource]`.
 */
const WRITTEN_ONLY: Readonly<Record<string, readonly Reference[]>> = {
  '/pods/binding': [{ path: ['target', 'name'], form: 'name' }],
  '/bindings': [{ path: ['target', 'name'], form: 'name' }],
  '/serviceaccounts/token': [{ path: ['spec', 'boundObjectRef', 'name'], form: 'name' }],
};

/** Where a body can refer to other objects of its cluster. */
export function writtenReferences({
  group,
  resource,
  subresource,
}: {
  group: string;
  resource: string;
  subresource: string;
}): readonly Reference[] {
  const key = [`${group}/${resource}`, subresource].filter((part) => part !== '').join('/');
  return [...referencesOf(group, resource, subresource), ...(WRITTEN_ONLY[key] ?? [])];
}
