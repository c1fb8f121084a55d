import { type StoredState, storable } from '@banyan/postgres';
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
 * transaction ends. Repeatable. Throws as an `Apply` does.
 */
export type ApplyStates<Tx> = (tx: SinkTx<Tx>, states: readonly ResyncedState[]) => Promise<MadeAnew>;

export interface MadeAnew {
  /** Keys that are like their state as soon as the transaction commits. */
  readonly like: readonly string[];
  /** Keys that stand by what was made of them, and were left as they are. */
  readonly standing?: readonly string[];
}

/** Of the keys that were to be made anew. */
interface Left {
  readonly standing: number;
  readonly failed: number;
}

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
    const left = await applyAll(tx, options, found);
    const progress: ResyncProgress = {
      ...is,
      after: keys.at(-1)?.key ?? is.after,
      done: is.done + keys.length,
      standing: is.standing + keys.length - found.length + left.standing,
      failed: is.failed + left.failed,
      workedMs: is.workedMs + workedMs,
      finished: keys.length < size,
    };
    await tx.saveResync(progress);
    return progress;
  });
}

/** All at once; where that fails key by key, to find whose failure it is. */
async function applyAll<Tx>(
  tx: SinkTx<Tx>,
  options: ResyncOptions<Tx>,
  states: readonly ResyncedState[],
): Promise<Left> {
  if (states.length === 0) return { standing: 0, failed: 0 };
  const together = await tryStates(tx, options, states);
  if (!('failure' in together)) return { ...together, failed: 0 };
  let standing = 0;
  let failed = 0;
  for (const one of states) {
    const tried = await tryStates(tx, options, [one]);
    if ('standing' in tried) {
      standing += tried.standing;
      continue;
    }
    failed += 1;
    const reason = storable(`it could not be made anew from its state: ${tried.failure.message}`);
    await tx.markUnlike({ key: one.key, version: one.state.keyState.version, by: options.name, reason });
  }
  return { standing, failed };
}

async function tryStates<Tx>(
  tx: SinkTx<Tx>,
  { apply, version }: ResyncOptions<Tx>,
  states: readonly ResyncedState[],
): Promise<{ readonly standing: number } | { readonly failure: Error }> {
  let standing = 0;
  const failure = await tx.attempt(async () => {
    try {
      const made = await apply(tx, states);
      const like = new Set(made.like);
      const left = new Set(made.standing);
      standing = left.size;
      const closed = states.filter(({ key }) => like.has(key));
      await tx.closeUnlike(new Map(closed.map(({ key, state }) => [key, state.keyState.version])));
      const keys = states.map(({ key }) => key).filter((key) => !left.has(key));
      await tx.saveResynced(keys, version);
      return undefined;
    } catch (error) {
      if (mayHeal(error)) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  });
  return failure === undefined ? { standing } : { failure };
}
