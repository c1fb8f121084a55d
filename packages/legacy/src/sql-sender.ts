import { rowHash } from '@banyan/compare';
import { isBanyanError } from '@banyan/core';
import { type Connection, isDatabaseError, type Pool, sqlStateOf, storable, transaction } from '@banyan/postgres';
import { type LegacyRow, type SqlTarget, UnmappableRow } from '@banyan/transformer';
import { decideWrite } from './compare-and-set.js';
import type { SendOptions } from './legacy-api.js';
import { holdMarker, moveMarker } from './marker.js';

/** One version of a key, as legacy shall have it. */
export interface SqlChange<R extends LegacyRow = LegacyRow> {
  readonly key: string;
  readonly version: number;
  readonly legacyId: string;
  /** null = no row. */
  readonly row: R | null;
  /** What this port sent last of the key; undefined = nothing yet. */
  readonly last: { readonly version: number; readonly hash: string | null } | undefined;
  /** It was sent before, as its last: the row is looked at, and written if it is another one. Default false. */
  readonly again?: boolean;
}

export type SqlSent =
  /** Legacy has it: by this attempt, or by an earlier one whose answer was lost. `hash` of the row as it was left, null = no row. `unsent`: it was sent again, and legacy had it. */
  | { readonly type: 'done'; readonly hash: string | null; readonly unsent?: true }
  /** Somebody else wrote the row. Nothing was changed. */
  | { readonly type: 'bypass'; readonly reason: string }
  /** The marker tells of another past than the porter's journal: one of the two databases was put back. Nothing was changed. */
  | { readonly type: 'marker'; readonly reason: string }
  /** The database refused the values, in its own words. Rolled back; a repeat would be refused as well. */
  | { readonly type: 'rejected'; readonly sqlState: string; readonly words: string }
  /** The row that is there is none that anybody can map. Nothing was changed. */
  | { readonly type: 'unreadable'; readonly reason: string }
  /** Certainly not executed, and may be sent again. */
  | { readonly type: 'not-sent'; readonly reason: string }
  /** The answer to the commit is missing: the marker knows. */
  | { readonly type: 'unclear'; readonly reason: string };

/** Sends of delivery class `transactional`. */
export interface SqlSender<R extends LegacyRow = LegacyRow> {
  readonly target: SqlTarget<R>;
  /** Never throws for what the database or the network does. May be repeated at once, by anybody, however the last one ended. */
  send(change: SqlChange<R>, options?: SendOptions): Promise<SqlSent>;
  /** Why nothing can be sent at all (`LEGACY_MARKER_MISSING`), in words; undefined = it can, or nobody answers. */
  cannotSend(): Promise<string | undefined>;
}

/**
 * @param port `order.billing`: the markers' first key
 * @param pool of the legacy database; its time-outs bound every call
 */
export function createSqlSender<R extends LegacyRow>(port: string, target: SqlTarget<R>, pool: Pool): SqlSender<R> {
  return {
    target,
    async send(change, { mayWrite = () => true } = {}) {
      const progress = { committing: false };
      try {
        return await transaction(pool, async (tx) => {
          const sent = await inTransaction({ tx, port, target, change, mayWrite });
          progress.committing = true;
          return sent;
        });
      } catch (error) {
        return outcomeOf(error, progress.committing);
      }
    },
    async cannotSend() {
      const nobody = { port, key: '00000000-0000-0000-0000-000000000000' };
      try {
        await transaction(pool, async (tx) => {
          await holdMarker(tx, nobody);
          throw new RolledBack('only looked');
        });
      } catch (error) {
        if (isBanyanError(error) && error.code === 'LEGACY_MARKER_MISSING') return error.message;
      }
      return undefined;
    },
  };
}

interface Step<R extends LegacyRow> {
  readonly tx: Connection;
  readonly port: string;
  readonly target: SqlTarget<R>;
  readonly change: SqlChange<R>;
  mayWrite(): boolean;
}

/**
 * The marker first: from here on nobody else is at this key. Then the row, locked; compared; written; read again as legacy keeps it; and
 * the marker moved. All of it, or nothing.
 */
async function inTransaction<R extends LegacyRow>(step: Step<R>): Promise<SqlSent> {
  const { tx, port, change, mayWrite } = step;
  const marker = await holdMarker(tx, { port, key: change.key });
  const last = change.last?.version ?? 0;
  const again = change.again === true && last === change.version;
  // The row may be another one since; what was ported is what the marker says, and the next send finds the difference.
  if (marker.version === change.version && !again) return { type: 'done', hash: marker.hash };
  if (marker.version !== last) {
    throw new Ended({
      type: 'marker',
      reason: `the marker of ${port} is at version ${marker.version}, and version ${last} was sent last`,
    });
  }
  const found = await lookAt(step);
  const wanted = change.row === null ? null : rowHash(change.row);
  const decision = decide(change, found, wanted);
  if (decision.type === 'bypass') throw new Ended({ type: 'bypass', reason: decision.reason });
  if (!mayWrite()) throw new Ended({ type: 'not-sent', reason: 'this process may not write any more' });
  const left = decision.type === 'write' ? await write(step) : found;
  await moveMarker(tx, { port, key: change.key }, last, { version: change.version, hash: left });
  if (!mayWrite()) throw new Ended({ type: 'not-sent', reason: 'this process may not write any more' });
  return { type: 'done', hash: left, ...(again && decision.type === 'done' ? { unsent: true } : {}) };
}

/** Nothing of this port is on its way any more, so only what is there, was there and shall be there counts. */
function decide(
  { last }: Pick<SqlChange, 'last'>,
  found: string | null,
  wanted: string | null,
): { readonly type: 'write' | 'done' } | { readonly type: 'bypass'; readonly reason: string } {
  const expected = last?.hash ?? null;
  // Deleted before this port ever had it.
  if (expected === null && wanted === null && found === null) return { type: 'done' };
  const operation = wanted === null ? 'delete' : expected === null ? 'create' : 'update';
  const decision = decideWrite({
    operation,
    found,
    wanted,
    expected: last?.hash,
    mayHaveArrived: false,
    settled: true,
  });
  if (decision.type === 'wait') throw new TypeError('nothing is waited for where nothing is on its way');
  return decision;
}

async function lookAt<R extends LegacyRow>({ tx, target, change }: Step<R>): Promise<string | null> {
  const { rows } = await tx.query<{ row: unknown }>(target.select, [change.legacyId]);
  if (rows.length > 1)
    throw new Ended({ type: 'unreadable', reason: `${rows.length} rows have id ${change.legacyId}` });
  return rows[0] === undefined ? null : rowHash(target.canonical(rows[0].row));
}

async function write<R extends LegacyRow>(step: Step<R>): Promise<string | null> {
  const { tx, target, change } = step;
  const { legacyId, row, last } = change;
  const statements =
    row === null
      ? target.delete(legacyId)
      : (last?.hash ?? null) === null
        ? target.insert(legacyId, row)
        : target.update(legacyId, row);
  for (const { text, values } of statements) await tx.query(text, [...values]);
  // Legacy may round what it is given, or have a trigger.
  const left = await lookAt(step);
  if ((left === null) !== (row === null)) {
    const reason = `behind the ${row === null ? 'delete' : 'write'} there is ${left === null ? 'no row' : 'a row'} ${legacyId}`;
    throw new Ended({ type: 'unreadable', reason });
  }
  return left;
}

/** Ends a transaction with nothing done. */
class RolledBack extends Error {}

class Ended extends RolledBack {
  constructor(readonly sent: SqlSent) {
    super(sent.type);
  }
}

/** Words beyond this many characters nobody reads. */
const WORDS_MAX = 4_000;
/** What a trigger or a check of legacy says, besides 22 and 23: it was asked and said no. 42 is a statement of ours. */
const REFUSED = /^(22|23|42|44|P0)/;

function outcomeOf(error: unknown, committing: boolean): SqlSent {
  if (error instanceof Ended) return error.sent;
  if (error instanceof UnmappableRow) return { type: 'unreadable', reason: error.message };
  if (isBanyanError(error)) {
    // Without a state the commit's own answer is missing; with one, the server said that it ended it.
    const answered = /^(40...|57014|55P03|53...)$/.test(String(error.data.sqlState ?? ''));
    return { type: committing && !answered ? 'unclear' : 'not-sent', reason: error.message };
  }
  const sqlState = sqlStateOf(error);
  const words = storable((error as Error).message.slice(0, WORDS_MAX));
  if (sqlState !== undefined && REFUSED.test(sqlState)) return { type: 'rejected', sqlState, words };
  if (isDatabaseError(error)) return { type: committing ? 'unclear' : 'not-sent', reason: words };
  throw error;
}
