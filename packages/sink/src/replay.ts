import type { BanyanError } from '@banyan/core';
import { NO_STATE } from '@banyan/postgres';
import { type ApplyFailed, effectFailed, tryApply } from './apply.js';
import { countEffective, tallyOf } from './books.js';
import { decodeAll } from './decode.js';
import { parkedChange } from './parked-record.js';
import { type ParkedItem, type Progress, replayParked, stateAfter } from './replay-parked.js';
import type { SinkOptions } from './sink-options.js';
import type { SinkTx } from './sink-store.js';

export interface Replayed {
  /** Events that are done now. */
  readonly replayed: number;
  /** Events of the key that are still parked; 0 = the key is free. */
  readonly waiting: number;
  /** Why it stopped, when it did. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** Lets the parked events of a key go on, in order, until none is left or one fails again. Repeatable. */
export async function replayKey<Tx>(
  options: SinkOptions<Tx>,
  types: ReadonlySet<string>,
  key: string,
): Promise<Replayed> {
  let replayed = 0;
  for (;;) {
    // Decoded before the lock is taken: the registry may be slow, and slices would wait.
    const items = await readParked(options, types, key);
    if (items.length === 0) return { replayed, waiting: 0 };
    const round = await options.store.transaction((tx) => replayRound(tx, options, key, items));
    replayed += round.done;
    if (round.error !== undefined) {
      const { code, message } = round.error;
      return { replayed, waiting: round.left, error: { code, message } };
    }
    // Else more was parked, or another replay went on, between the look and the lock.
    if (round.left === 0) return { replayed, waiting: 0 };
  }
}

export async function readParked<Tx>(
  options: SinkOptions<Tx>,
  types: ReadonlySet<string>,
  key: string,
): Promise<readonly ParkedItem[]> {
  const stored = await options.store.loadParked(key);
  const read = await decodeAll(
    options.codec,
    types,
    stored.map(({ record }) => record),
  );
  return read.flatMap((item, index) => {
    const row = stored[index];
    return row === undefined ? [] : [{ ...item, id: row.id, parkedKind: row.kind, change: row.change }];
  });
}

export async function replayRound<Tx>(
  tx: SinkTx<Tx>,
  options: SinkOptions<Tx>,
  key: string,
  loaded: readonly ParkedItem[],
): Promise<{ readonly done: number; readonly left: number; readonly error: BanyanError | undefined }> {
  const { entity } = options;
  // The lock that slices take first: from here on nobody else moves this key.
  const partition = loaded[0]?.record.partition ?? 0;
  const next = await tx.lockPosition(partition);
  const kinds = new Map((await tx.loadParked(key)).map(({ id, kind }) => [id, kind]));
  // While this one waited for the lock another replay may have evolved the state of an event and filed it anew, since its effect
  // failed. Taken as it was loaded it would be evolved twice, and leaving out only that one would write the effects behind it
  // first: everything is read again. What is gone is done.
  const moved = loaded.some(({ id, parkedKind }) => (kinds.get(id) ?? parkedKind) !== parkedKind);
  if (moved) return { done: 0, left: kinds.size, error: undefined };
  const items = loaded.filter(({ id }) => kinds.has(id));
  const state = (await tx.readStates([key])).get(key) ?? NO_STATE;
  const progress = replayParked(entity, key, state, items);
  const { done, failure } = await applyInOrder(tx, options, progress);

  const finished = progress.changes.slice(0, done).map(({ item }) => item.id);
  const held = progress.changes.slice(done);
  const failed = failure === undefined ? undefined : effectFailed(entity.name, key, failure);
  await tx.releaseParked(finished);
  await tx.restateParked(
    held.map(({ item, change }) => ({ id: item.id, change: parkedChange(change) })),
    failed,
  );
  const { stuck } = progress;
  if (failed === undefined && stuck !== undefined) await tx.parkedBecause(stuck.item.id, stuck.error);

  for (const id of finished) kinds.delete(id);
  for (const { item } of held) kinds.set(item.id, 'effect');
  const left = [...kinds.values()];
  await tx.saveStates(new Map([[key, stateAfter(progress.state, left)]]));
  const applied = countEffective(progress.changes.slice(0, done).map(({ change }) => change));
  await tx.notifyPosition(partition, next, tallyOf({ applied }));
  return { done, left: left.length, error: failed ?? stuck?.error };
}

/** All at once, since only the last rows of a key may matter; one by one when that fails, up to the one that does. */
async function applyInOrder<Tx>(
  tx: SinkTx<Tx>,
  { apply }: SinkOptions<Tx>,
  { changes }: Progress,
): Promise<{ readonly done: number; readonly failure: ApplyFailed | undefined }> {
  const all = changes.map(({ change }) => change);
  if ((await tryApply(apply, tx, all)) === undefined) return { done: all.length, failure: undefined };
  for (const [index, change] of all.entries()) {
    const failure = await tryApply(apply, tx, [change]);
    if (failure !== undefined) return { done: index, failure };
  }
  return { done: all.length, failure: undefined };
}
