import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { identify, isAlive, signalIfSame } from './process-identity.js';

const children: ChildProcess[] = [];

function sleeper(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('sleep did not start');
  return child.pid;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a process identity', () => {
  it('is that of one process, also while it runs on', () => {
    const identity = identify(sleeper());
    expect(identity).toBeDefined();
    expect(identity && isAlive(identity)).toBe(true);
  });

  it('is undefined for a process that ended', async () => {
    const pid = sleeper();
    const [child] = children;
    const exited = child && once(child, 'exit');
    child?.kill('SIGKILL');
    await exited;
    expect(identify(pid)).toBeUndefined();
  });

  it('never signals another process that was given the same pid', () => {
    const pid = sleeper();
    const [child] = children;
    expect(signalIfSame({ pid, startedAt: 'an earlier start' }, 'SIGKILL')).toBe(false);
    expect(child?.killed).toBe(false);
    expect(identify(pid)).toBeDefined();
  });

  it('signals the process itself', async () => {
    const identity = identify(sleeper());
    const [child] = children;
    const exited = child && once(child, 'exit');
    expect(identity && signalIfSame(identity, 'SIGKILL')).toBe(true);
    expect(await exited).toEqual([null, 'SIGKILL']);
  });
});
