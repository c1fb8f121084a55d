import { classify, storable } from '@banyan/postgres';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';

/** Where statements run: in a transaction that is open, or each in one of its own. Times are milliseconds since 1970. */
export interface Place {
  /** One statement. */
  run<T>(what: string, work: (tables: Tables) => T): Promise<T>;
  /** An advisory lock, to the end of the transaction. */
  lock(name: string, how: 'shared' | 'alone'): Promise<void>;
}

/** What one statement sees and changes. */
export interface Tables {
  readonly rows: Rows;
  /** `now()`: when the transaction began. */
  readonly begunMs: number;
  /** `clock_timestamp()`. */
  readonly nowMs: number;
  get<R>(table: string, id: string): R | undefined;
  all<R>(table: string): readonly R[];
  /** Changes the rows that are meant. @returns them, as they are then */
  update<R extends object>(table: string, isMeant: (row: R) => boolean, change: (row: R) => Partial<R>): readonly R[];
  /** @returns how many */
  delete<R extends object>(table: string, isMeant: (row: R) => boolean): number;
  /** Writes what `row` makes of what is there; undefined = it stays. Before the first write all of the statement's rows are held. */
  upsert<R extends object>(
    table: string,
    ids: readonly string[],
    row: (id: string, found: R | undefined) => R | undefined,
  ): void;
}

/** Another transaction has changed the row, and is open. */
class Held extends Error {
  constructor(readonly row: string) {
    super(`${row} is held`);
  }
}

export function placeIn(tx: MemoryTx, nowMs: () => number): Place {
  const begunMs = nowMs();
  return {
    run: (what, work) =>
      tx.inOrder(async (steps) => {
        for (;;) {
          const done = await steps.run(what, (rows) => {
            try {
              return { result: work(tablesOf(rows, begunMs, nowMs())) };
            } catch (error) {
              if (error instanceof Held) return error;
              throw error;
            }
          });
          if (!(done instanceof Held)) return done.result;
          // As in PostgreSQL: waits for the other's end, then looks at the row anew. Nothing is changed yet.
          await steps.lock(done.row);
        }
      }),
    lock: (name, how) => tx.lock(name, how),
  };
}

export function placeAlone(session: MemorySession, nowMs: () => number): Place {
  return {
    run: (what, work) => whole(session, (tx) => placeIn(tx, nowMs).run(what, work)),
    lock: (name, how) => whole(session, (tx) => tx.lock(name, how)),
  };
}

/** A transaction whose errors are those of the real store. */
export async function whole<T>(session: MemorySession, work: (tx: MemoryTx) => Promise<T>): Promise<T> {
  try {
    return await session.transaction(work);
  } catch (error) {
    throw classify(error);
  }
}

function tablesOf(rows: Rows, begunMs: number, nowMs: number): Tables {
  const hold = (table: string, ids: readonly string[]): void => {
    for (const id of ids) if (!rows.tryLock(`${table} ${id}`)) throw new Held(`${table} ${id}`);
  };
  const meant = <R extends object>(table: string, isMeant: (row: R) => boolean) => {
    const found = rows.all<R>(table).filter(([, row]) => isMeant(row));
    hold(
      table,
      found.map(([id]) => id),
    );
    return found;
  };
  return {
    rows,
    begunMs,
    nowMs,
    get: (table, id) => rows.get(table, id),
    all: <R>(table: string) => rows.all<R>(table).map(([, row]) => row),
    update: <R extends object>(table: string, isMeant: (row: R) => boolean, change: (row: R) => Partial<R>) =>
      meant(table, isMeant).map(([id, row]) => {
        const changed = { ...row, ...change(row) };
        rows.put(table, id, changed);
        return changed;
      }),
    delete: (table, isMeant) => {
      const found = meant(table, isMeant);
      for (const [id] of found) rows.delete(table, id);
      return found.length;
    },
    upsert: <R extends object>(
      table: string,
      ids: readonly string[],
      row: (id: string, found: R | undefined) => R | undefined,
    ) => {
      hold(table, ids);
      for (const id of ids) {
        const written = row(id, rows.get<R>(table, id));
        if (written !== undefined) rows.put(table, id, written);
      }
    },
  };
}

/** Text as a column takes it; what PostgreSQL refuses is refused. */
export function text<T extends string | null>(value: T): T {
  if (value !== null && storable(value) !== value) {
    throw Object.assign(new Error('invalid byte sequence for encoding "UTF8"'), { code: '22021' });
  }
  return value;
}

/** A value as it comes back from a jsonb column. */
export function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === 'string' ? text(part) : part)) as T;
}
