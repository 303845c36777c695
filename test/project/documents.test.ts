import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { settingsTable, UP_SETTINGS } from '../../src/config/index.ts';
import { REASONS } from '../../src/kube/index.ts';

const ROOT = new URL('../../', import.meta.url);

async function read(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}

function reasonsTable(): string {
  const rows = Object.entries(REASONS).map(([reason, code]) => `| \`${reason}\` | ${code} |`);
  return ['| Reason | Code |', '| --- | --- |', ...rows, ''].join('\n');
}

const TABLES = { reasons: reasonsTable(), settings: settingsTable(UP_SETTINGS) };

/** Cells padded by the formatter say the same. */
function cells(table: string): string {
  return table
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ *\| */g, '|').replaceAll(/-+/g, '-'))
    .join('\n');
}

describe('the README', () => {
  it.each(Object.entries(TABLES))(
    'has the %s as the code has them (UPDATE_DOCS=1 writes them)',
    async (name, want) => {
      const text = await read('README.md');
      const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
      const [before = '', rest = ''] = text.split(begin);
      const [table = '', after = ''] = rest.split(end);
      if (process.env['UPDATE_DOCS'] === '1') {
        await writeFile(new URL('README.md', ROOT), `${before}${begin}\n${want}\n${end}${after}`);
        return;
      }

      expect(cells(table)).toBe(cells(want));
    },
  );
});

describe('the list of dependencies', () => {
  it('has a reason for each package that is needed at run time, and no other', async () => {
    const { dependencies } = JSON.parse(await read('package.json')) as {
      dependencies: Record<string, string>;
    };
    const listed = [
      ...(await read('docs/dependencies.md')).matchAll(/^\| `([^`]+)` *\| (.{10,}) \|$/gm),
    ].map(([, name]) => name);

    expect(listed.toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  it('is pinned to exact versions', async () => {
    const { dependencies, devDependencies } = JSON.parse(await read('package.json')) as Record<
      string,
      Record<string, string>
    >;

    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
