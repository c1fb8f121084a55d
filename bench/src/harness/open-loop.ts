import { setTimeout as delay } from 'node:timers/promises';

/**
 * Begins `send` at a fixed rate, whatever became of those before: a system that is slow meets no fewer of them. Resolves when all have
 * begun.
 * @param send its failures are its own
 */
export async function openLoop(
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
  send: (index: number) => void,
): Promise<void> {
  const begun = performance.now();
  for (let index = 0; index < count; index += 1) {
    const dueIn = () => begun + (index * 1000) / perSecond - performance.now();
    // A timer counts from where its turn of the event loop began, so behind a long turn it fires too early.
    while (dueIn() > 0) await delay(dueIn());
    send(index);
  }
}
