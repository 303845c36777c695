import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { cacheDirectory, goCommand } from '../rig/binaries.ts';
import { lockFile } from '../rig/file-lock.ts';
import { findOnPath } from '../rig/find-on-path.ts';

/** A language that a client program is written in: its folder here has the same name. */
export type Language = 'go' | 'java' | 'python' | 'rust' | 'typescript';

interface Program {
  /** What must be on the machine, by the name a person knows it by. */
  readonly tools: Readonly<Record<string, string | undefined>>;
  /** Puts into `output` what `command` needs; absent when the sources run as they are. */
  readonly build?: (output: string) => Promise<void>;
  /** @param output - where `build` put things */
  readonly command: (output: string) => readonly [string, ...string[]];
}

const sources = (language: Language): string => join(import.meta.dirname, language);

const cargo = findOnPath('cargo') ?? join(homedir(), '.cargo', 'bin', 'cargo');
const tools = {
  go: goCommand(),
  cargo: existsSync(cargo) ? cargo : undefined,
  java: findOnPath('java'),
  javac: findOnPath('javac'),
  maven: findOnPath('mvn'),
  python: findOnPath('python3'),
};

const PROGRAMS: Readonly<Record<Language, Program>> = {
  go: {
    tools: { go: tools.go },
    build: async (output) => {
      await run([tools.go!, 'build', '-trimpath', '-o', join(output, 'client'), '.'], {
        directory: sources('go'),
        environment: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
      });
    },
    command: (output) => [join(output, 'client')],
  },
  java: {
    tools: { java: tools.java, javac: tools.javac, maven: tools.maven },
    build: buildJava,
    command: (output) => [
      tools.java!,
      '-Xmx128m',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      `${join(output, 'classes')}:${join(output, 'lib', '*')}`,
      'Client',
    ],
  },
  python: {
    tools: { python: tools.python },
    build: async (output) => {
      await run([tools.python!, '-m', 'venv', output]);
      const pip = [join(output, 'bin', 'python'), '-m', 'pip'] as const;
      const locked = join(sources('python'), 'requirements.txt');
      await run([...pip, 'install', '--quiet', '--no-deps', '--requirement', locked]);
    },
    command: (output) => [
      join(output, 'bin', 'python'),
      '-B',
      join(sources('python'), 'client.py'),
    ],
  },
  rust: {
    tools: { cargo: tools.cargo },
    build: async (output) => {
      // Its dependencies take minutes: they are kept for the next change of the program.
      const target = join(cacheDirectory(), 'client-rust-target');
      await run([tools.cargo!, 'build', '--quiet', '--locked'], {
        directory: sources('rust'),
        environment: { CARGO_TARGET_DIR: target },
      });
      await copyFile(join(target, 'debug', 'client'), join(output, 'client'));
    },
    command: (output) => [join(output, 'client')],
  },
  typescript: {
    tools: {},
    command: () => [process.execPath, join(sources('typescript'), 'client.ts')],
  },
};

/** All languages that have a program. */
export const LANGUAGES = Object.keys(PROGRAMS) as readonly Language[];

/**
 * Why this language's program can't run here, or undefined when it can. The reason is also written to
 * standard error, so that a skipped suite is never a silent one.
 */
export function programSkipReason(language: Language): string | undefined {
  const missing = Object.entries(PROGRAMS[language].tools).filter(([, path]) => !path);
  if (missing.length === 0) return undefined;
  const names = missing.map(([name]) => name).join(', ');
  const reason = `NO ${language.toUpperCase()} CLIENT: there is no ${names} on this machine`;
  console.error(reason);
  return reason;
}

/**
 * Makes sure that a program is built (the first time takes minutes).
 *
 * @returns the command that starts it, to which its own flags are added
 */
export async function builtProgram(language: Language): Promise<readonly [string, ...string[]]> {
  const { build, command } = PROGRAMS[language];
  if (!build) return command('');
  const output = outputDirectory(language);
  if (existsSync(output)) return command(output);
  await mkdir(cacheDirectory(), { recursive: true });
  const release = await lockFile(`${output}.lock`);
  const half = `${output}.half-${randomUUID()}`;
  try {
    // Somebody else may have built it while we waited.
    if (existsSync(output)) return command(output);
    await mkdir(half);
    await build(half);
    await rename(half, output);
  } finally {
    await rm(half, { recursive: true, force: true });
    await release();
  }
  return command(output);
}

function outputDirectory(language: Language): string {
  const hash = createHash('sha256');
  const directory = sources(language);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort())
    hash.update(file.slice(directory.length)).update(readFileSync(file));
  return join(cacheDirectory(), `client-${language}-${hash.digest('hex').slice(0, 12)}`);
}

/** Offline first: Maven asks its registry about every artifact otherwise, even one it holds. */
async function buildJava(output: string): Promise<void> {
  const goals = ['compile', 'dependency:copy-dependencies'];
  const places = [`-Doutput=${output}`, `-DoutputDirectory=${join(output, 'lib')}`];
  const args = ['--quiet', '--batch-mode', ...places, '-DincludeScope=runtime', ...goals];
  const directory = sources('java');
  try {
    await run([tools.maven!, '--offline', ...args], { directory });
  } catch {
    await run([tools.maven!, ...args], { directory });
  }
}

interface Surroundings {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** At low priority: somebody may be working beside. */
async function run(
  command: readonly string[],
  { directory, environment = {} }: Surroundings = {},
): Promise<void> {
  const child = spawn('nice', ['-n', '5', ...command], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keepEnd = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8000);
  };
  child.stdout.on('data', keepEnd);
  child.stderr.on('data', keepEnd);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command.join(' ')} failed (${String(code)}):\n${output}`);
}
