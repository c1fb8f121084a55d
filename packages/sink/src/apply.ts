import { BanyanError, isBanyanError } from '@banyan/core';
import { isDatabaseError, isRowRefused, sqlStateOf } from '@banyan/postgres';
import type { Change } from './change.js';
import type { SinkTx } from './sink-store.js';

/**
 * Writes what changes mean (rows, work) through the transaction it is given; repeatable, since the transaction may be rolled back.
 * `changes` are in log order. A throw that may heal (a retryable error, a database that is away) makes the slice wait; any
 * other throw, or a row that the store refuses (SQLSTATE 22, 23, 54), parks the keys whose changes cause it.
 */
export type Apply<Tx> = (tx: Tx, changes: readonly Change[]) => Promise<void>;

/** A throw of `apply` that will come again for the same changes. */
export class ApplyFailed extends Error {
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'ApplyFailed';
  }
}

/** Runs `apply`; throws `ApplyFailed` for what will not heal by itself, and everything else as it is. */
export async function applyOrFail<Tx>(apply: Apply<Tx>, tx: SinkTx<Tx>, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  try {
    await apply(tx.handle, changes);
  } catch (error) {
    throw mayHeal(error) ? error : new ApplyFailed(error);
  }
}

/** As `applyOrFail`, and leaves the transaction usable and without a trace of a failed apply. Answers the failure. */
export function tryApply<Tx>(
  apply: Apply<Tx>,
  tx: SinkTx<Tx>,
  changes: readonly Change[],
): Promise<ApplyFailed | undefined> {
  return tx.attempt(async () => {
    try {
      await applyOrFail(apply, tx, changes);
      return undefined;
    } catch (error) {
      if (error instanceof ApplyFailed) return error;
      throw error;
    }
  });
}

/** The failure as a person reads it. */
export function effectFailed(entity: string, key: string, failure: ApplyFailed): BanyanError {
  const code = isBanyanError(failure.cause) ? failure.cause.code : 'SINK_EFFECT_FAILED';
  return new BanyanError(
    code,
    `${entity} ${key}: what the event means could not be written (${failure.message}); mend it, then \`banyan parked replay ${entity} ${key}\`.`,
    { data: { entity, key, sqlState: sqlStateOf(failure.cause) }, cause: failure.cause },
  );
}

/** Nothing is wrong with what was to be written: it may succeed later. */
export function mayHeal(error: unknown): boolean {
  if (isBanyanError(error)) return error.retryable;
  return isDatabaseError(error) && !isRowRefused(error);
}
