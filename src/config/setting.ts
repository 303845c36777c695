/** A value read from text, or what is wrong with it ("must be …"). */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** One setting: everything that flags, environment, file, `--help` and the README say of it. */
export interface Setting<T> {
  /** Without dashes; also its name in the file, and in the environment as FLOTILLA_… */
  readonly flag: string;
  /** What stands for its value in `--help`. */
  readonly placeholder: string;
  /** One sentence: meaning, unit, bounds. */
  readonly description: string;
  /** How the default reads; '' for none. */
  readonly defaultText: string;
  readonly defaultValue: (environment: Environment) => T;
  /** Whether it may be given several times; the texts come in order. */
  readonly isRepeatable?: boolean;
  /** Whether the flag alone, without a value, means true. */
  readonly isSwitch?: boolean;
  /** Whether nothing can be done without it. */
  readonly isRequired?: boolean;
  readonly parse: (texts: readonly string[]) => Parsed<T>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `listen-address` → `FLOTILLA_LISTEN_ADDRESS`. */
export function environmentName({ flag }: Pick<Setting<unknown>, 'flag'>): string {
  return `FLOTILLA_${flag.toUpperCase().replace(/-/g, '_')}`;
}

type Common<T> = Omit<Setting<T>, 'parse' | 'placeholder'> & { readonly placeholder?: string };

function single<T>(parse: (text: string) => Parsed<T>): Setting<T>['parse'] {
  return (texts) => parse(texts.at(-1) ?? '');
}

/** Text that must not be empty. */
export function textSetting<T extends string | undefined>(
  setting: Common<T> & { readonly check?: (text: string) => string | undefined },
): Setting<T | string> {
  const { check, ...common } = setting;
  const parse = single<string>((text) => {
    const fault = text === '' ? 'must not be empty' : check?.(text);
    return fault === undefined ? { value: text } : { fault };
  });
  return { placeholder: 'TEXT', ...common, parse };
}

/** Something that is done or not: the flag alone asks for it. */
export function switchSetting(setting: Common<boolean>): Setting<boolean> {
  const parse = single<boolean>((text) =>
    text === 'true' || text === 'false'
      ? { value: text === 'true' }
      : { fault: 'must be true or false' },
  );
  return { placeholder: '', ...setting, isSwitch: true, parse };
}

/** A list; `separator` splits within one text, and the setting may be repeated. */
export function listSetting(
  setting: Common<readonly string[] | undefined> & { readonly separator: string },
): Setting<readonly string[] | undefined> {
  const { separator, ...common } = setting;
  return {
    placeholder: 'LIST',
    ...common,
    isRepeatable: true,
    parse: (texts) => {
      const value = texts.flatMap((text) => text.split(separator)).map((text) => text.trim());
      const filled = value.filter((text) => text !== '');
      return filled.length > 0 ? { value: filled } : { fault: 'must not be empty' };
    },
  };
}

/** A whole number within bounds, both included. */
export function integerSetting(
  setting: Common<number> & { readonly min: number; readonly max: number },
): Setting<number> {
  const { min, max, ...common } = setting;
  const parse = single<number>((text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return { value };
    return { fault: `must be a whole number from ${min} to ${max}` };
  });
  return { placeholder: 'NUMBER', ...common, parse };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time such as `500ms` or `3s`, in milliseconds, within bounds, both included. */
export function durationSetting(
  setting: Common<number> & { readonly minMs: number; readonly maxMs: number },
): Setting<number> {
  const { minMs, maxMs, ...common } = setting;
  const parse = single<number>((text) => {
    const [, figure = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
    const value = figure === '' ? NaN : Math.round(Number(figure) * (UNITS[unit] ?? NaN));
    if (value >= minMs && value <= maxMs) return { value };
    const bounds = `${durationText(minMs)} to ${durationText(maxMs)}`;
    return { fault: `must be a time from ${bounds}, such as 500ms or 3s` };
  });
  return { placeholder: 'TIME', ...common, parse };
}

function durationText(ms: number): string {
  const [unit = 'ms', size = 1] =
    Object.entries(UNITS)
      .reverse()
      .find(([, one]) => ms >= one && ms % one === 0) ?? [];
  return `${ms / size}${unit}`;
}

/** One word of a few. */
export function choiceSetting<const V extends string>(
  setting: Common<V> & { readonly choices: readonly V[] },
): Setting<V> {
  const { choices, ...common } = setting;
  const parse = single<V>((text) => {
    const value = choices.find((choice) => choice === text);
    return value === undefined ? { fault: `must be one of ${choices.join(', ')}` } : { value };
  });
  return { placeholder: 'WORD', ...common, parse };
}
