import type { StoredState } from '@banyan/postgres';
import { mayHeal } from './apply.js';
import type { ResyncProgress, ResyncRequest } from './repair-store.js';
import type { SinkStore, SinkTx } from './sink-store.js';

/** What is made anew of a key. */
export interface ResyncedState {
  readonly key: string;
  readonly state: StoredState;
}

/**
 * Makes anew what a consumer makes of states: V2's rows, or sends to legacy. Keys come in their order, and their states are held until the
 * transaction ends. Repeatable. Throws as an `Apply` does. @returns the keys that are like their state as soon as the transaction commits
 */
export type ApplyStates<Tx> = (tx: SinkTx<Tx>, states: readonly ResyncedState[]) => Promise<readonly string[]>;

export interface ResyncOptions<Tx> {
  readonly store: SinkStore<Tx>;
  /** `version` of the entity's definition. */
  readonly version: number;
  readonly apply: ApplyStates<Tx>;
  /** Under whose name a key is marked that cannot be made anew: `v2-projector.order`. */
  readonly name: string;
}

/**
 * The next keys of a request, in one transaction with how far it has come: a crash repeats them, and two processes that run it take
 * turns. Throws `POSTGRES_UNAVAILABLE` (retryable).
 * @param size keys at most @param workedMs since the last batch, for the time that is left
 */
export function resyncBatch<Tx>(
  options: ResyncOptions<Tx>,
  request: ResyncRequest,
  { size, workedMs }: { readonly size: number; readonly workedMs: number },
): Promise<ResyncProgress | undefined> {
  return options.store.transaction(async (tx) => {
    const is = await tx.takeResync(request);
    if (is === undefined || is.finished) return is;
    const keys = await tx.resyncKeys(request.scope, is.after, size);
    const found = keys.flatMap(({ key, state }) => (state === undefined ? [] : [{ key, state }]));
    const failed = await applyAll(tx, options, found);
    const progress: ResyncProgress = {
      ...is,
      after: keys.at(-1)?.key ?? is.after,
      done: is.done + keys.length,
      standing: is.standing + keys.length - found.length,
      failed: is.failed + failed,
      workedMs: is.workedMs + workedMs,
      finished: keys.length < size,
    };
    await tx.saveResync(progress);
    return progress;
  });
}

/** All at once; where that fails key by key, to find whose failure it is. @returns how many failed */
async function applyAll<Tx>(
  tx: SinkTx<Tx>,
  options: ResyncOptions<Tx>,
  states: readonly ResyncedState[],
): Promise<number> {
  if (states.length === 0) return 0;
  if ((await tryStates(tx, options, states)) === undefined) return 0;
  let failed = 0;
  for (const one of states) {
    const failure = await tryStates(tx, options, [one]);
    if (failure === undefined) continue;
    failed += 1;
    const reason = `it could not be made anew from its state: ${failure.message}`;
    await tx.markUnlike({ key: one.key, version: one.state.keyState.version, by: options.name, reason });
  }
  return failed;
}

function tryStates<Tx>(
  tx: SinkTx<Tx>,
  { apply, version }: ResyncOptions<Tx>,
  states: readonly ResyncedState[],
): Promise<Error | undefined> {
  return tx.attempt(async () => {
    try {
      const like = new Set(await apply(tx, states));
      const closed = states.filter(({ key }) => like.has(key));
      await tx.closeUnlike(new Map(closed.map(({ key, state }) => [key, state.keyState.version])));
      await tx.saveResynced(
        states.map(({ key }) => key),
        version,
      );
      return undefined;
    } catch (error) {
      if (mayHeal(error)) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  });
}
