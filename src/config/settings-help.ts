import { CONFIG_FLAG } from './load-config.ts';
import type { Settings } from './schema.ts';
import { environmentName } from './setting.ts';

interface Line {
  readonly flag: string;
  readonly placeholder: string;
  readonly description: string;
  readonly defaultText: string;
}

const CONFIG_LINE: Line = {
  flag: CONFIG_FLAG,
  placeholder: 'FILE',
  description: 'YAML file of settings by the names of their flags, without dashes.',
  defaultText: '',
};

const WIDTH = 100;
const INDENT = '      ';

/** What `--help` prints of a command's settings. */
export function settingsHelp(settings: Settings): string {
  return linesOf(settings)
    .map(({ flag, placeholder, description, defaultText }) => {
      const note = defaultText === '' ? '' : ` Default: ${defaultText}.`;
      return `  ${usage(flag, placeholder)}\n${wrapped(`${description}${note}`)}`;
    })
    .join('\n');
}

/** The README's table of settings, in Markdown. */
export function settingsTable(settings: Settings): string {
  const rows = linesOf(settings).map((line) => {
    const defaultText = line.defaultText === '' ? '' : `\`${line.defaultText}\``;
    return `| \`${usage(line.flag, line.placeholder)}\` | \`${environmentName(line)}\` | ${defaultText} | ${line.description} |`;
  });
  return [
    '| Flag | Environment | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function usage(flag: string, placeholder: string): string {
  return `--${flag} ${placeholder}`.trimEnd();
}

function linesOf(settings: Settings): Line[] {
  return [...Object.values(settings), CONFIG_LINE];
}

function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (INDENT.length + last.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${INDENT}${line}`).join('\n');
}
