import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { BanyanError } from '@banyan/core';
import { childEnvironment } from '../config.js';
import { databaseAnswers } from '../database-answers.js';
import { INITDB_ARGUMENTS, SERVER_SETTINGS, SUPERUSER } from '../settings.js';
import type { ProcessPlan } from './managed-process.js';
import { type Account, canEnter, postgresAccount } from './postgres-account.js';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.js';
import { run } from './run.js';

interface PostgresOptions {
  /** The wish; another one is used when the server's account may not enter it. */
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
  /** Data that is thrown away need not survive a power failure. */
  readonly durable: boolean;
}

interface PostgresPlan {
  readonly plan: ProcessPlan;
  readonly url: string;
}

/** A server with its data in `directory`, made on first use. */
async function planPostgres({ directory: wish, port, logFile, durable }: PostgresOptions): Promise<PostgresPlan> {
  const account = await postgresAccount();
  const binaries = await postgresBinaries(account);
  const directory = await usableDirectory(wish, account);
  const data = join(directory, 'data');
  const password = await initialise(directory, data, binaries, account);
  const url = databaseUrl(password, port);
  const durability = durable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off'];
  const plan: ProcessPlan = {
    command: binaries.postgres,
    args: ['-D', data, '-p', String(port), ...setting({ ...SERVER_SETTINGS, ...LOCAL_SETTINGS }), ...durability],
    cwd: data,
    env: childEnvironment(),
    ...account,
    logFile,
    // Fast shutdown: connections are ended, work in progress is rolled back. SIGTERM would wait for clients to leave.
    stopSignal: 'SIGINT',
    // Immediate shutdown: like a crash for the data, but shared memory is given back.
    abortSignal: 'SIGQUIT',
    isReady: () => databaseAnswers(url),
  };
  return { plan, url };
}

const LOCAL_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
};

function setting(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** `wish`, or a directory of that name's hash among the temporary files where the server's account may not enter it (as below /root). */
async function usableDirectory(wish: string, account: Account): Promise<string> {
  mkdirSync(wish, { recursive: true });
  if (await canEnter(account, wish)) return wish;
  const name = createHash('sha256').update(wish).digest('hex').slice(0, 12);
  const other = join(tmpdir(), `banyan-${userInfo().uid}-${name}`, 'postgres');
  mkdirSync(other, { recursive: true, mode: 0o755 });
  if (lstatSync(dirname(other)).uid === userInfo().uid && (await canEnter(account, other))) return other;
  throw new BanyanError(
    'STACK_DIRECTORY_UNUSABLE',
    `PostgreSQL, which cannot run as root, may enter neither ${wish} nor ${other}; give dataDir a directory that all may enter.`,
    { data: { wish, other } },
  );
}

/** @returns the superuser's password, made with the data and kept beside it */
async function initialise(
  directory: string,
  data: string,
  { initdb }: PostgresBinaries,
  account: Account,
): Promise<string> {
  const passwordFile = join(directory, 'password');
  // Its last file: a directory without it is one where initdb was interrupted.
  if (existsSync(join(data, 'PG_VERSION')) && existsSync(passwordFile)) return readFileSync(passwordFile, 'utf8');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const password = randomBytes(12).toString('base64url');
  const forInitdb = join(data, '..', 'password.new');
  writeFileSync(forInitdb, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(data, account.uid, account.gid);
    chownSync(forInitdb, account.uid, account.gid);
  }
  const { code, output } = await run(
    initdb,
    [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      `--pwfile=${forInitdb}`,
      '--no-sync',
      ...INITDB_ARGUMENTS,
    ],
    { timeoutMs: 120_000, cwd: data, ...account },
  );
  rmSync(forInitdb, { force: true });
  if (code !== 0) throw new BanyanError('STACK_SERVICE_FAILED', `PostgreSQL's initdb failed: ${output}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  return password;
}

function databaseUrl(password: string, port: number): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
}

export { planPostgres };
