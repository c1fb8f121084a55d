import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Seeds, type Summary, simulate } from './simulate.js';
import { Happenings } from './world/happenings.js';

/** The same on several threads, each with a clock of its own. */
export async function simulateOn(workers: number, { from, count, step }: Seeds): Promise<Summary> {
  const shares = Array.from({ length: workers }, (_, each) => ({
    from: from + each * step,
    count: Math.ceil((count - each) / workers),
    step: step * workers,
  }));
  const summaries = await Promise.all(shares.map(onThread));
  const happenings = new Happenings();
  for (const { happened } of summaries) happenings.addAll(happened);
  const sum = (of: 'bad' | 'steps' | 'acknowledged') => summaries.reduce((all, summary) => all + summary[of], 0);
  return {
    bad: sum('bad'),
    steps: sum('steps'),
    acknowledged: sum('acknowledged'),
    happened: happenings.times,
  };
}

function onThread(seeds: Seeds): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: seeds });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (!isMainThread) parentPort?.postMessage(await simulate(workerData as Seeds));
