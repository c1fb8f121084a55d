import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cleanUpAfterCrashes, liveRecords } from './clean-up.js';
import { identify, type ProcessIdentity } from './process-identity.js';
import type { StackRecord } from './stack-record.js';

const children: ChildProcess[] = [];
let folder: string;
let said: string[];

function sleeper(): ProcessIdentity {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  return identity;
}

async function deadOwner(): Promise<ProcessIdentity> {
  const owner = sleeper();
  const child = children.at(-1);
  const exited = child && once(child, 'exit');
  child?.kill('SIGKILL');
  await exited;
  return owner;
}

function write(record: Partial<StackRecord> & Pick<StackRecord, 'owner'>): void {
  const id = String(readdirSync(folder).length);
  const whole: StackRecord = { id, host: hostname(), processes: [], containers: [], directories: [], ...record };
  writeFileSync(join(folder, `${id}.json`), JSON.stringify(whole));
}

function cleanUp(removeContainers: (ids: readonly string[]) => Promise<string[]> = async () => []): Promise<void> {
  return cleanUpAfterCrashes({ removeContainers, say: (line) => said.push(line), records: folder });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-records-'));
  said = [];
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

describe('the start after a crash', () => {
  it('ends the processes of a dead owner and says so', async () => {
    const left = sleeper();
    write({ owner: await deadOwner(), processes: [{ service: 'kafka', ...left }] });
    await cleanUp();
    expect(identify(left.pid)).toBeUndefined();
    expect(said.join()).toContain(`kafka (${left.pid})`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves a process alone that only has the pid of a recorded one', async () => {
    const bystander = sleeper();
    const reused = { pid: bystander.pid, startedAt: 'an earlier start' };
    write({ owner: await deadOwner(), processes: [{ service: 'kafka', ...reused }] });
    await cleanUp();
    expect(identify(bystander.pid)).toEqual(bystander);
    expect(said).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves the stack of a living owner alone', async () => {
    const served = sleeper();
    write({ owner: sleeper(), processes: [{ service: 'kafka', ...served }] });
    await cleanUp();
    expect(identify(served.pid)).toEqual(served);
    expect(liveRecords(folder)).toHaveLength(1);
  });

  it('takes an owner for dead when another process has its pid', async () => {
    write({ owner: { pid: sleeper().pid, startedAt: 'an earlier start' } });
    await cleanUp();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves the record of another host alone', async () => {
    const process = sleeper();
    write({ host: 'elsewhere', owner: await deadOwner(), processes: [{ service: 'kafka', ...process }] });
    await cleanUp();
    expect(identify(process.pid)).toEqual(process);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('removes temporary directories of stacks and no other directory', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'banyan-stack-'));
    const other = join(folder, 'banyan-stack-elsewhere');
    mkdirSync(other);
    write({ owner: await deadOwner(), directories: [temporary, other] });
    await cleanUp();
    expect(existsSync(temporary)).toBe(false);
    expect(existsSync(other)).toBe(true);
  });

  it('keeps the record while containers cannot be removed', async () => {
    write({ owner: await deadOwner(), containers: ['c1'] });
    await cleanUp(() => Promise.reject(new Error('no Docker')));
    expect(said.join()).toContain('c1');
    expect(readdirSync(folder)).toHaveLength(1);
    await cleanUp(async (ids) => [...ids]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
