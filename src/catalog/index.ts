/**
 * What kinds the fleet serves: the union of its members' discovery and OpenAPI documents, kept in
 * memory so that it can be told when members are slow or gone. Reads members by their own API only;
 * knows nothing of the objects. May import members, api and kube.
 */
export type { DocumentRequest, DocumentResponse } from './catalog-answer.ts';
export type { ApiEnablement, Catalog, CatalogFault, CatalogLog } from './catalog.ts';
export { createCatalog, type CatalogDependencies } from './create-catalog.ts';
export type { CustomColumn } from './custom-resources.ts';
export type { ServedResource, ServedSubresource } from './served-resource.ts';
