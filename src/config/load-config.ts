import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { badRequest } from '../kube/index.ts';
import type { ConfigOf, Settings } from './schema.ts';
import { environmentName, type Environment, type Setting } from './setting.ts';

export interface ConfigSources {
  /** Of the command, without its name. */
  readonly args: readonly string[];
  readonly environment: Environment;
}

/** The flag that names the file of settings; it can't stand in that file itself. */
export const CONFIG_FLAG = 'config';

/** Texts of a setting, and where they stand: how faults are told. */
interface Given {
  readonly texts: readonly string[];
  readonly where: string;
}

/**
 * The values of a command's settings: flag, else environment, else file, else default.
 * @throws BadRequest that tells every fault at once, one a line
 */
export function loadConfig<S extends Settings>(
  settings: S,
  { args, environment }: ConfigSources,
): ConfigOf<S> {
  const faults: string[] = [];
  const flags = readFlags(settings, args, faults);
  const file = readFile(settings, fileName(flags, environment), faults);
  const values = Object.entries(settings).map(([name, setting]) => {
    const given =
      flags.get(setting.flag) ?? fromEnvironment(setting, environment) ?? file.get(setting.flag);
    if (!given && setting.isRequired === true) faults.push(`--${setting.flag} must be given`);
    return [name, given ? valueOf(setting, given, faults) : setting.defaultValue(environment)];
  });
  if (faults.length > 0) throw badRequest(faults.join('\n'));
  return Object.freeze(Object.fromEntries(values)) as ConfigOf<S>;
}

function valueOf(setting: Setting<unknown>, { texts, where }: Given, faults: string[]): unknown {
  if (texts.length > 1 && setting.isRepeatable !== true) {
    faults.push(`${where} is given more than once`);
    return undefined;
  }
  const parsed = setting.parse(texts);
  if ('value' in parsed) return parsed.value;
  faults.push(`${where} ${parsed.fault}, not ${JSON.stringify(texts.join(' '))}`);
  return undefined;
}

function fromEnvironment(setting: Setting<unknown>, environment: Environment): Given | undefined {
  const where = environmentName(setting);
  const text = environment[where];
  return text === undefined || text === '' ? undefined : { texts: [text], where };
}

function fileName(flags: ReadonlyMap<string, Given>, environment: Environment): string | undefined {
  const fromFlag = flags.get(CONFIG_FLAG)?.texts.at(-1);
  const fromVariable = environment[environmentName({ flag: CONFIG_FLAG })];
  return fromFlag ?? (fromVariable === '' ? undefined : fromVariable);
}

function readFlags(
  settings: Settings,
  args: readonly string[],
  faults: string[],
): Map<string, Given> {
  const all = Object.values(settings);
  const known = new Set([CONFIG_FLAG, ...all.map(({ flag }) => flag)]);
  const switches = new Set(all.filter(({ isSwitch }) => isSwitch).map(({ flag }) => flag));
  const options = Object.fromEntries(
    [...known].map((flag) => [flag, { type: switches.has(flag) ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, Given>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      faults.push(`${JSON.stringify(token.value)} is not understood`);
    if (token.kind !== 'option') continue;
    if (!known.has(token.name)) faults.push(`${token.rawName} is not a flag of this command`);
    else if (switches.has(token.name)) addSwitch(given, token);
    else addFlag(given, token, faults);
  }
  return given;
}

function addFlag(
  given: Map<string, Given>,
  token: {
    name: string;
    rawName: string;
    value?: string | undefined;
    inlineValue?: boolean | undefined;
  },
  faults: string[],
): void {
  const { name, rawName, value, inlineValue } = token;
  if (value === undefined || (inlineValue !== true && value.startsWith('--'))) {
    faults.push(`${rawName} needs a value`);
    return;
  }
  given.set(name, { texts: [...(given.get(name)?.texts ?? []), value], where: `--${name}` });
}

function addSwitch(
  given: Map<string, Given>,
  { name, value = 'true' }: { name: string; value?: string | undefined },
): void {
  given.set(name, { texts: [...(given.get(name)?.texts ?? []), value], where: `--${name}` });
}

function readFile(
  settings: Settings,
  path: string | undefined,
  faults: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  if (path === undefined) return given;
  const known = new Set(Object.values(settings).map(({ flag }) => flag));
  for (const [name, value] of Object.entries(parseFile(path, faults))) {
    const where = `${path}: ${name}`;
    if (known.has(name)) given.set(name, { texts: textsOf(value), where });
    else faults.push(`${where} is not a setting of this command`);
  }
  return given;
}

function parseFile(path: string, faults: string[]): object {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'));
    if (content === null) return {};
    if (typeof content === 'object' && !Array.isArray(content)) return content;
    faults.push(`${path}: must hold settings by name`);
  } catch (err) {
    const reason = err instanceof Error ? (err.message.split('\n')[0] ?? '') : String(err);
    faults.push(`${path}: can not be read: ${reason}`);
  }
  return {};
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
