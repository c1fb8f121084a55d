import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../wait-until.js';
import { isAlive, signalIfSame } from './process-identity.js';
import { type OwnedProcess, RECORDS, type StackRecord } from './stack-record.js';
import { removeTemporary } from './temporary-directory.js';

const GRACE_MS = 10_000;

interface CleanUpOptions {
  /** Ends containers that a dead owner left; returns those that were there. */
  readonly removeContainers: (ids: readonly string[], keepData: boolean) => Promise<string[]>;
  readonly say: (line: string) => void;
  readonly records?: string;
}

/**
 * Ends what stacks of this checkout left behind whose owner died without ending it (kill -9, power): the processes and
 * containers and temporary directories of its record, nothing else. Stacks whose owner lives are left alone.
 */
async function cleanUpAfterCrashes({ removeContainers, say, records = RECORDS }: CleanUpOptions): Promise<void> {
  for (const { path, record } of readRecords(records)) {
    if (record.host !== hostname() || isAlive(record.owner)) continue;
    const ended = await endProcesses(record);
    const containers = await removeContainers(record.containers, record.dataDirectory !== undefined).catch(
      () => undefined,
    );
    if (containers === undefined) {
      say(
        `Docker does not answer, so containers of a dead stack stay for a later start: ${record.containers.join(', ')}`,
      );
      continue;
    }
    for (const directory of record.directories) removeTemporary(directory);
    rmSync(path, { force: true });
    if (ended.length > 0 || containers.length > 0) {
      const what = [...ended.map(({ service, pid }) => `${service} (${pid})`), ...containers].join(', ');
      say(`ended what a stack of this checkout left behind when process ${record.owner.pid} died: ${what}`);
    }
  }
}

/** The living stacks of this checkout. */
function liveRecords(records = RECORDS): StackRecord[] {
  return readRecords(records)
    .map(({ record }) => record)
    .filter((record) => record.host === hostname() && isAlive(record.owner));
}

function readRecords(records: string): { path: string; record: StackRecord }[] {
  if (!existsSync(records)) return [];
  return readdirSync(records)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const path = join(records, file);
      try {
        return [{ path, record: JSON.parse(readFileSync(path, 'utf8')) as StackRecord }];
      } catch {
        // Removed by its owner since the folder was read.
        return [];
      }
    });
}

async function endProcesses(record: StackRecord): Promise<OwnedProcess[]> {
  const keepsData = record.dataDirectory !== undefined;
  const alive = record.processes.filter((owned) => isAlive(owned));
  for (const owned of alive) signalIfSame(owned, endSignal(owned, keepsData));
  const allGone = (): boolean => !alive.some((owned) => isAlive(owned));
  if (!(await waitUntil(allGone, { timeoutMs: GRACE_MS }))) {
    for (const owned of alive) signalIfSame(owned, 'SIGKILL');
    await waitUntil(allGone, { timeoutMs: GRACE_MS });
  }
  return alive;
}

function endSignal({ service }: OwnedProcess, keepsData: boolean): NodeJS.Signals {
  if (service === 'postgres') return keepsData ? 'SIGINT' : 'SIGQUIT';
  return keepsData ? 'SIGTERM' : 'SIGKILL';
}

export { cleanUpAfterCrashes, liveRecords };
