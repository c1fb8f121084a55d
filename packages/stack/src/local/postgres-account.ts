import { userInfo } from 'node:os';
import { run } from './run.js';

/** The account a server runs as; empty when it is this process's own. */
interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * PostgreSQL refuses to run as root, so a root process starts it as `postgres` where that account exists, else as `nobody`,
 * which exists everywhere. No account is created: a development tool leaves none behind.
 */
async function postgresAccount(): Promise<Account> {
  if (process.platform === 'win32' || userInfo().uid !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  return {};
}

async function idOf(flag: string, name: string): Promise<number | undefined> {
  const { code, output } = await run('id', [flag, name], { timeoutMs: 10_000 });
  const id = Number(output.trim());
  return code === 0 && Number.isInteger(id) && id > 0 ? id : undefined;
}

/** True when the account may go through every parent of the directory and into it. */
async function canEnter(account: Account, directory: string): Promise<boolean> {
  if (account.uid === undefined) return true;
  const { code } = await run('/bin/sh', ['-c', 'cd "$0"', directory], { timeoutMs: 10_000, cwd: '/', ...account });
  return code === 0;
}

export { type Account, canEnter, postgresAccount };
