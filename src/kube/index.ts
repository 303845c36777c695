/**
 * Kubernetes' machinery without I/O: errors, names, selectors, versions, requests, negotiation.
 * Owns the words that all rooms share; imports no other room.
 */
export * from './field-selector.ts';
export * from './group-version-resource.ts';
export * from './label-selector.ts';
export * from './list-options.ts';
export * from './negotiate.ts';
export * from './qualified-name.ts';
export * from './reference-paths.ts';
export * from './request-info.ts';
export * from './status-error.ts';
export * from './tags.ts';
export * from './version-clock.ts';
