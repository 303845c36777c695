/**
 * Settings: one schema from which flags, environment, file, `--help` and the README's table come.
 * Imports api and kube.
 */
export { loadConfig, type ConfigSources } from './load-config.ts';
export { readAddress, type Address } from './address.ts';
export {
  SERVE_SETTINGS,
  UNREGISTER_SETTINGS,
  UP_SETTINGS,
  type ConfigOf,
  type ServeConfig,
  type Settings,
  type UpConfig,
} from './schema.ts';
export type { Environment, Setting } from './setting.ts';
export { settingsHelp, settingsTable } from './settings-help.ts';
