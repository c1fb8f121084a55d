import { setTimeout as pause } from 'node:timers/promises';

interface WaitOptions {
  readonly timeoutMs: number;
  /** Between two questions. Default 100 ms. */
  readonly everyMs?: number;
  /** Throws when waiting has lost its point, e.g. the process ended. */
  readonly giveUp?: () => void;
}

/** Asks until the answer is true. False when `timeoutMs` passed; what the question throws counts as "not yet". */
async function waitUntil(question: () => Promise<boolean> | boolean, options: WaitOptions): Promise<boolean> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    if (await asked(question)) return true;
    options.giveUp?.();
    if (performance.now() >= deadline) return false;
    await pause(options.everyMs ?? 100);
  }
}

async function asked(question: () => Promise<boolean> | boolean): Promise<boolean> {
  try {
    return await question();
  } catch {
    return false;
  }
}

export { waitUntil };
