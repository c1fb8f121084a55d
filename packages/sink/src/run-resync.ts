import { type Clock, sleep, systemTimers, type Timers } from '@banyan/core';
import type { ResyncProgress, ResyncRequest } from './repair-store.js';

export interface RunResyncOptions {
  /** What the control log asks for and nobody holds; undefined = nothing. */
  wanted(): ResyncRequest | undefined;
  /** Sends that it has made and that are under way; they hold it up before they become many. */
  underWay(): Promise<number>;
  /** As `resyncBatch`. */
  batch(
    request: ResyncRequest,
    of: { readonly size: number; readonly workedMs: number },
  ): Promise<ResyncProgress | undefined>;
  /** Tells the control log that it is over; repeatable. */
  finished(progress: ResyncProgress): Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Default: the machine's. */
  readonly timers?: Timers;
  readonly stopping: AbortSignal;
}

/** Keys per transaction: some 20 ms of the store, for which the slices of these keys wait. */
const BATCH = 100;
/** Sends of it that may be due at a time: what users do waits behind them. */
const MOST_UNDER_WAY = 200;
const LOOK_AGAIN_MS = 500;
const TRY_AGAIN_MS = 2_000;

/**
 * Carries out what is wanted, batch by batch, beside the live traffic: behind each batch it rests as long as that took, so that it never has more
 * than half of the store. Stops between two batches when nothing is wanted any more. Ends when `stopping` does.
 * @returns `wake`: something may be wanted. `done`: resolves when it has ended
 */
export function runResync(options: RunResyncOptions): { wake(): void; readonly done: Promise<void> } {
  const { stopping } = options;
  let woken = Promise.withResolvers<void>();
  const wake = (): void => woken.resolve();
  stopping.addEventListener('abort', wake, { once: true });
  const loop = async (): Promise<void> => {
    let restedMs = 0;
    while (!stopping.aborted) {
      woken = Promise.withResolvers<void>();
      const request = options.wanted();
      if (request === undefined) await woken.promise;
      else restedMs = await step(options, request, restedMs);
    }
  };
  return { wake, done: loop() };
}

/** One batch, or a wait. @param restedMs since the last batch of this run @returns the same for the next */
async function step(options: RunResyncOptions, request: ResyncRequest, restedMs: number): Promise<number> {
  const { clock, timers = systemTimers, stopping, onError } = options;
  const rest = async (ms: number): Promise<number> => {
    await sleep(ms, timers, stopping);
    return ms;
  };
  try {
    if ((await options.underWay()) >= MOST_UNDER_WAY) return restedMs + (await rest(LOOK_AGAIN_MS));
    const begun = clock.monotonic();
    const progress = await options.batch(request, { size: BATCH, workedMs: restedMs });
    const tookMs = clock.monotonic() - begun;
    if (progress === undefined) return await rest(LOOK_AGAIN_MS);
    if (!progress.finished) return tookMs + (await rest(tookMs));
    if ((await options.underWay()) > 0) return await rest(LOOK_AGAIN_MS);
    await options.finished(progress);
  } catch (error) {
    onError(error);
    await rest(TRY_AGAIN_MS);
  }
  return 0;
}
