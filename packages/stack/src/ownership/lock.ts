import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BanyanError } from '@banyan/core';
import { waitUntil } from '../wait-until.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

/** Longer than the longest thing done under a lock, a download. */
const LOCK_TIMEOUT_MS = 20 * 60_000;

/**
 * Runs `work` while no other process of this host runs anything under the same lock file. A lock whose holder died is free.
 * @throws BanyanError `STACK_LOCKED` when another process held it for 20 min.
 */
async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  if (!(await waitUntil(() => taken(path), { timeoutMs: LOCK_TIMEOUT_MS, everyMs: 200 }))) {
    throw new BanyanError('STACK_LOCKED', `${path} was held for 20 min by ${JSON.stringify(holder(path))}; end it.`, {
      retryable: true,
    });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock unless a living process has it. */
function taken(path: string): boolean {
  const mine = `${path}.${randomUUID()}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    // A link fails where the name exists, and the file has its content from the start: no reader sees an empty lock.
    linkSync(mine, path);
    return true;
  } catch {
    removeWhenDead(path, mine);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeWhenDead(path: string, mine: string): void {
  const seen = holder(path);
  if (seen === undefined || isAlive(seen)) return;
  // Two waiters may both have seen the dead holder; the slower one must not remove the lock that the faster one took. What
  // was moved away is looked at again, and a living holder's lock is put back.
  const moved = `${mine}.dead`;
  try {
    renameSync(path, moved);
    const found = holder(moved);
    if (found !== undefined && isAlive(found)) linkSync(moved, path);
  } catch {
    // Another waiter was faster.
  } finally {
    rmSync(moved, { force: true });
  }
}

function holder(path: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8'));
    return { pid, startedAt };
  } catch {
    return undefined;
  }
}

export { withLock };
