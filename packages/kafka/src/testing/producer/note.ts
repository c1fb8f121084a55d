import { appendFileSync } from 'node:fs';
import type { Verdict } from './judge.js';

export interface ProducerRun {
  readonly arm: string;
  readonly seconds: number;
  readonly faults: number;
  readonly kills: number;
  readonly rebuilds: number;
}

/** The run in counts: on the output, and in the file named by BANYAN_LEDGER, if any. */
export function note(run: ProducerRun, verdict: Verdict): void {
  const { acknowledged, rejected, rejectedYetWritten, ...wrong } = verdict;
  const counts = Object.fromEntries(Object.entries(wrong).map(([name, ids]) => [name, ids.length]));
  const line = JSON.stringify({
    at: new Date().toISOString().slice(0, 10),
    part: 'producer',
    ...run,
    acknowledged,
    ...counts,
    rejected,
    rejectedYetWritten,
  });
  process.stdout.write(`${line}\n`);
  const file = process.env.BANYAN_LEDGER;
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
