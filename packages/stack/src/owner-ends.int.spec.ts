import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CHECKOUT } from './checkout.js';
import { childEnvironment } from './config.js';
import { databaseAnswers } from './database-answers.js';
import { liveRecords } from './ownership/clean-up.js';
import { isAlive } from './ownership/process-identity.js';
import type { StackRecord } from './ownership/stack-record.js';
import { startStack } from './start-stack.js';
import { waitUntil } from './wait-until.js';

// Run as processes of their own, from dist/: hooks and signals of a jest process are jest's.
const DIST = join(CHECKOUT, 'packages', 'stack', 'dist');
const POSTGRES_ONLY = `
  import { startStack } from '${DIST}/index.js';
  const stack = await startStack({ ephemeral: true, own: true, only: ['postgres'] });
  process.send(stack.databaseUrl);
  process.on('message', (what) => { if (what === 'throw') throw new Error('on purpose'); else process.exit(0); });
`;

const owners: ChildProcess[] = [];

interface Owner {
  readonly process: ChildProcess;
  readonly url: string;
  readonly record: StackRecord;
}

async function owner(): Promise<Owner> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', POSTGRES_ONLY], {
    env: childEnvironment({ NODE_OPTIONS: '', BANYAN_STACK: 'local' }),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  owners.push(child);
  const [url] = await once(child, 'message');
  const record = liveRecords().find(({ owner: { pid } }) => pid === child.pid);
  if (record === undefined) throw new Error('no record');
  return { process: child, url, record };
}

function allGone({ record }: Owner): Promise<boolean> {
  return waitUntil(() => !record.processes.some(isAlive) && !record.directories.some((path) => existsSync(path)), {
    timeoutMs: 60_000,
  });
}

afterEach(async () => {
  for (const child of owners.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
});

describe('when its owner ends, a stack ends', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('on %s', async (signal, code) => {
    const started = await owner();
    const exited = once(started.process, 'exit');
    started.process.kill(signal);
    expect(await exited).toEqual([code, null]);
    expect(await allGone(started)).toBe(true);
    expect(liveRecords()).not.toContainEqual(expect.objectContaining({ id: started.record.id }));
  });

  it.each([
    ['throw', 1],
    ['exit', 0],
  ])('on an uncaught error and on exit: %s', async (what, code) => {
    const started = await owner();
    const exited = once(started.process, 'exit');
    started.process.send(what);
    expect(await exited).toEqual([code, null]);
    expect(await allGone(started)).toBe(true);
  });

  it('at the next start after kill -9, which leaves the stacks of living owners alone', async () => {
    const [killed, living] = await Promise.all([owner(), owner()]);
    const exited = once(killed.process, 'exit');
    killed.process.kill('SIGKILL');
    await exited;
    // What it says is in clean-up.spec.ts: another start of this checkout, in a test beside this one, may have been faster.
    const next = await startStack({ ephemeral: true, own: true, only: ['postgres'] });
    try {
      expect(await allGone(killed)).toBe(true);
      expect(await databaseAnswers(living.url, 30_000)).toBe(true);
    } finally {
      await next.stop();
    }
  });
});
