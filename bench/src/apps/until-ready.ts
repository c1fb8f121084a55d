import { setTimeout as delay } from 'node:timers/promises';
import type { ArmProcess } from '../harness/arm-process.js';

const READY_MS = 60_000;

/** The app's address, once it says that it can do its work. */
export async function untilReady(app: ArmProcess): Promise<string> {
  const { url } = await app.ready;
  const until = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`);
    const report = await answer.text();
    if (answer.status === 200) return String(url);
    if (performance.now() > until) throw new Error(`not ready within ${READY_MS / 1000} s: ${report}`);
    await delay(50);
  }
}
