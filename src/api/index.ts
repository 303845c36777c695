/**
 * Our own kinds, each defined once: types, schema, columns, discovery and OpenAPI come from one
 * definition. Pure; imports kube only.
 */
export * from './cluster.ts';
export * from './discovery.ts';
export * from './object.ts';
export * from './openapi-protobuf.ts';
export * from './openapi.ts';
export * from './own-groups.ts';
export * from './resource-definition.ts';
export * from './view.ts';
