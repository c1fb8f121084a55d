import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from './statistics.js';

/** Where figures were measured. Of a ratio it matters less than of a figure, and still. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  /** Until the disk has a page: what each commit of a durable database waits for at least. Median, milliseconds. */
  readonly diskSyncMs: number;
}

export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cores: cpus().length,
    cpu: first?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    diskSyncMs: Number(diskSyncMs().toPrecision(2)),
  };
}

const SYNCS = 101;

/** Where temporary files are, as the data of the benches' servers is. */
function diskSyncMs(): number {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
  try {
    const file = openSync(join(directory, 'page'), 'w');
    const page = Buffer.alloc(8_192, 1);
    const tooks = Array.from({ length: SYNCS }, () => {
      writeSync(file, page, 0, page.length, 0);
      const begun = performance.now();
      fdatasyncSync(file);
      return performance.now() - begun;
    });
    closeSync(file);
    return spreadOf(tooks).median;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
