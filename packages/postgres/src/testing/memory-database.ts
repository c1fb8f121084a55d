import { copyOf } from './copy-of.js';

/*
 * What the twins of our stores stand on: a database in memory with the parts of PostgreSQL that our protocols lean on. Transactions
 * are READ COMMITTED: a statement sees what is committed when it runs, and the transaction's own changes; row locks are held to
 * the end of the transaction; a process that dies takes its open transactions with it.
 */

/**
 * Told before each statement, and before and behind each commit of something that was changed: what befalls a read befalls it before it as
 * well as behind it. What it throws is a broken connection; it may also never resolve.
 */
export type Step = (what: string) => Promise<void>;

/** The rows of all tables, as one statement sees and changes them. A row that was put or got is a copy. */
export interface Rows {
  get<R>(table: string, key: string): R | undefined;
  /** In the order of their keys. */
  all<R>(table: string): readonly (readonly [key: string, row: R])[];
  put(table: string, key: string, row: object): void;
  delete(table: string, key: string): void;
  /** `for update skip locked`: false when another transaction holds it. */
  tryLock(row: string): boolean;
  /** Numbers that rise, and are not given back by a rollback. */
  nextNumber(sequence: string): number;
}

export interface MemoryTx extends Statements {
  /** What a statement does that takes several steps, in its turn: what is asked for meanwhile comes behind it, as on a connection. */
  inOrder<T>(statement: (steps: Statements) => Promise<T>): Promise<T>;
  /** Takes back what `work` changed when it throws, and throws it on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  /** Heard by listeners when the transaction commits. */
  notify(channel: string, payload: string): void;
}

/** Carried out in the order in which they are asked for, whoever waits for their answers. */
interface Statements {
  /** One statement: nothing of anyone else happens within it. */
  run<T>(what: string, work: (rows: Rows) => T): Promise<T>;
  /**
   * `for update`: waits until no other transaction holds the row; `shared` (an advisory lock): until none holds it alone. Who comes later
   * waits behind who waits already. Throws `Deadlock` where it would wait for itself.
   */
  lock(row: string, how?: 'alone' | 'shared'): Promise<void>;
}

/** What one process has of the database: its pool. */
export interface MemorySession {
  transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T>;
  /** One statement outside a transaction. */
  run<T>(what: string, work: (rows: Rows) => T): Promise<T>;
  /** The process is dead: its open transactions roll back, its locks go, nothing of it commits any more. */
  kill(): void;
}

type Table = Map<string, object>;
/** null = deleted. */
type Changes = Map<string, Map<string, object | null>>;

export class MemoryDatabase {
  readonly #tables = new Map<string, Table>();
  readonly #locks = new Locks();
  readonly #sequences = new Map<string, number>();
  readonly #listeners = new Set<(channel: string, payload: string) => void>();

  /** @param step called for everything this session does; by default nothing happens in between */
  session(step: Step = async () => undefined): MemorySession {
    const open = new Set<Transaction>();
    let dead = false;
    const mustLive = (): void => {
      if (dead) throw new ConnectionLost('the process is dead');
    };
    const atOnce = <T>(work: (rows: Rows) => T): { readonly result: T; readonly changed: boolean } => {
      const tx = new Transaction(this, step);
      try {
        const result = tx.runNow(work);
        const { changed } = tx;
        tx.commit();
        return { result, changed };
      } catch (error) {
        tx.rollback();
        throw error;
      }
    };
    const transaction = async <T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> => {
      mustLive();
      const tx = new Transaction(this, step);
      open.add(tx);
      try {
        const result = await work(tx);
        const { changed } = tx;
        if (changed) await step('commit');
        tx.commit();
        if (changed) await step('committed');
        return result;
      } catch (error) {
        tx.rollback();
        throw error;
      } finally {
        open.delete(tx);
      }
    };
    return {
      transaction,
      // The server runs and commits it at one go, whatever becomes of the client meanwhile.
      run: async (what, work) => {
        mustLive();
        await step(what);
        mustLive();
        const { result, changed } = atOnce(work);
        if (changed) await step('committed');
        return result;
      },
      kill: () => {
        dead = true;
        for (const tx of open) tx.rollback();
      },
    };
  }

  /** Hears what transactions notify, from now on. */
  listen(listener: (channel: string, payload: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The committed rows of a table, in the order of their keys; for the judge of a test. */
  committed<R>(table: string): readonly (readonly [key: string, row: R])[] {
    return [...(this.#tables.get(table) ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, row]) => [key, copyOf(row) as R]);
  }

  /** What is committed now, as a backup has it. */
  copy(): MemoryDatabase {
    const copy = new MemoryDatabase();
    for (const [name, table] of this.#tables) copy.#tables.set(name, structuredClone(table));
    for (const [name, number] of this.#sequences) copy.#sequences.set(name, number);
    return copy;
  }

  /** @internal */
  row(table: string, key: string): object | undefined {
    return this.#tables.get(table)?.get(key);
  }

  /** @internal */
  keys(table: string): Iterable<string> {
    return this.#tables.get(table)?.keys() ?? [];
  }

  /** @internal */
  nextNumber(sequence: string): number {
    const next = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, next);
    return next;
  }

  /** @internal */
  get locks(): Locks {
    return this.#locks;
  }

  /** @internal */
  readonly writers = new Writers();

  /** @internal */
  apply(changes: Changes, notices: readonly (readonly [string, string])[]): void {
    for (const [name, rows] of changes) {
      const table = this.#tables.get(name) ?? new Map<string, object>();
      this.#tables.set(name, table);
      for (const [key, row] of rows) {
        if (row === null) table.delete(key);
        else table.set(key, row);
      }
    }
    for (const [channel, payload] of notices) for (const hear of this.#listeners) hear(channel, payload);
  }
}

/** The connection broke: what was open is rolled back, and of a commit under way nobody knows. */
export class ConnectionLost extends Error {
  /** connection_failure: read as PostgreSQL's own errors are. */
  readonly code = '08006';

  constructor(why: string) {
    super(why);
    this.name = 'ConnectionLost';
  }
}

/** Transactions wait for each other; PostgreSQL ends the one that finds out. */
export class Deadlock extends Error {
  readonly code = '40P01';

  constructor(row: string) {
    super(`deadlock detected at ${row}`);
    this.name = 'Deadlock';
  }
}

class Transaction implements MemoryTx {
  readonly #database: MemoryDatabase;
  readonly #step: Step;
  #changes: Changes = new Map();
  #notices: (readonly [string, string])[] = [];
  #over = false;
  #last: Promise<unknown> = Promise.resolve();
  readonly #steps: Statements = {
    run: async (what, work) => {
      await this.#stepOrBreak(what);
      return this.runNow(work);
    },
    lock: async (row, how = 'alone') => {
      await this.#stepOrBreak(`lock ${row}`);
      this.#mustBeOpen();
      await this.#database.locks.take(row, this, how);
      this.#mustBeOpen();
    },
  };

  constructor(database: MemoryDatabase, step: Step) {
    this.#database = database;
    this.#step = step;
  }

  inOrder<T>(statement: (steps: Statements) => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => statement(this.#steps));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  run<T>(what: string, work: (rows: Rows) => T): Promise<T> {
    return this.inOrder((steps) => steps.run(what, work));
  }

  lock(row: string, how?: 'alone' | 'shared'): Promise<void> {
    return this.inOrder((steps) => steps.lock(row, how));
  }

  runNow<T>(work: (rows: Rows) => T): T {
    this.#mustBeOpen();
    return work(this.#rows());
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const changes = new Map([...this.#changes].map(([table, rows]) => [table, new Map(rows)]));
    const notices = [...this.#notices];
    try {
      return await work();
    } catch (error) {
      this.#changes = changes;
      this.#notices = notices;
      throw error;
    }
  }

  notify(channel: string, payload: string): void {
    this.#notices.push([channel, payload]);
  }

  /** Whether a commit would be seen by anybody. */
  get changed(): boolean {
    return this.#changes.size > 0 || this.#notices.length > 0;
  }

  commit(): void {
    this.#mustBeOpen();
    this.#database.apply(this.#changes, this.#notices);
    this.#end();
  }

  rollback(): void {
    if (!this.#over) this.#end();
  }

  /** A connection that broke takes its transaction with it: nothing that is caught brings it back. */
  async #stepOrBreak(what: string): Promise<void> {
    try {
      await this.#step(what);
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  #end(): void {
    this.#over = true;
    this.#database.writers.leave(this);
    this.#database.locks.release(this);
  }

  #mustBeOpen(): void {
    if (this.#over) throw new ConnectionLost('the transaction is over');
  }

  #rows(): Rows {
    const database = this.#database;
    const own = (table: string): Map<string, object | null> => {
      const rows = this.#changes.get(table) ?? new Map<string, object | null>();
      this.#changes.set(table, rows);
      return rows;
    };
    const read = (table: string, key: string): object | undefined => {
      const mine = this.#changes.get(table)?.get(key);
      return mine === undefined ? database.row(table, key) : (mine ?? undefined);
    };
    return {
      get: <R>(table: string, key: string) => {
        const row = read(table, key);
        return row === undefined ? undefined : (copyOf(row) as R);
      },
      all: <R>(table: string) => {
        const keys = new Set([...database.keys(table), ...(this.#changes.get(table)?.keys() ?? [])]);
        return [...keys].sort().flatMap((key) => {
          const row = read(table, key);
          return row === undefined ? [] : [[key, copyOf(row) as R] as const];
        });
      },
      put: (table, key, row) => {
        database.writers.enter(`${table}/${key}`, this);
        own(table).set(key, copyOf(row));
      },
      delete: (table, key) => {
        database.writers.enter(`${table}/${key}`, this);
        own(table).set(key, null);
      },
      tryLock: (row) => database.locks.tryTake(row, this),
      nextNumber: (sequence) => database.nextNumber(sequence),
    };
  }
}

/**
 * Who has changed a row and not committed yet. PostgreSQL lets the next one wait; here the twin of a store has to ask for the lock, and one
 * that does not is found out instead of losing a change.
 */
class Writers {
  readonly #of = new Map<string, Transaction>();

  enter(row: string, tx: Transaction): void {
    const other = this.#of.get(row);
    if (other !== undefined && other !== tx) {
      throw new Error(`two open transactions write ${row}: the twin has to lock what it changes`);
    }
    this.#of.set(row, tx);
  }

  leave(tx: Transaction): void {
    for (const [row, writer] of this.#of) if (writer === tx) this.#of.delete(row);
  }
}

interface Waiter {
  readonly tx: Transaction;
  readonly how: 'alone' | 'shared';
  readonly go: () => void;
}

/** Locks: held by transactions to their end, given in the order in which they were asked for. */
class Locks {
  readonly #held = new Map<string, { readonly by: Set<Transaction>; alone: boolean }>();
  readonly #waiting = new Map<string, Waiter[]>();

  tryTake(row: string, tx: Transaction, how: Waiter['how'] = 'alone'): boolean {
    const holdsIt = this.#held.get(row)?.by.has(tx) ?? false;
    return (holdsIt || this.#line(row).length === 0) && this.#admit(row, tx, how);
  }

  async take(row: string, tx: Transaction, how: Waiter['how']): Promise<void> {
    if (this.tryTake(row, tx, how)) return;
    if (this.#waitsFor(row, tx, tx)) throw new Deadlock(row);
    await new Promise<void>((go) => {
      const line = this.#line(row);
      this.#waiting.set(row, line);
      line.push({ tx, how, go });
    });
  }

  release(tx: Transaction): void {
    for (const line of this.#waiting.values()) {
      const place = line.findIndex((one) => one.tx === tx);
      // Who waits is woken, and finds that its transaction is over.
      if (place >= 0) line.splice(place, 1)[0]?.go();
    }
    for (const [row, { by }] of this.#held) {
      if (by.delete(tx) && by.size === 0) this.#held.delete(row);
    }
    for (const row of this.#waiting.keys()) this.#letIn(row);
  }

  #line(row: string): Waiter[] {
    return this.#waiting.get(row) ?? [];
  }

  #admit(row: string, tx: Transaction, how: Waiter['how']): boolean {
    const held = this.#held.get(row);
    if (held === undefined) {
      this.#held.set(row, { by: new Set([tx]), alone: how === 'alone' });
      return true;
    }
    const others = held.by.size - (held.by.has(tx) ? 1 : 0);
    if (others > 0 && (held.alone || how === 'alone')) return false;
    held.by.add(tx);
    held.alone ||= how === 'alone';
    return true;
  }

  #letIn(row: string): void {
    const line = this.#line(row);
    for (let [next] = line; next !== undefined && this.#admit(row, next.tx, next.how); [next] = line) {
      line.shift();
      next.go();
    }
    if (line.length === 0) this.#waiting.delete(row);
  }

  /** Whether who stands at this row, behind its holders and the line before it, waits for `asks` in the end. */
  #waitsFor(row: string, tx: Transaction, asks: Transaction, seen = new Set<Transaction>()): boolean {
    const line = this.#line(row);
    const place = line.findIndex((one) => one.tx === tx);
    const before = (place < 0 ? line : line.slice(0, place)).map((one) => one.tx);
    for (const other of [...(this.#held.get(row)?.by ?? []), ...before]) {
      if (other === tx || seen.has(other)) continue;
      if (other === asks) return true;
      seen.add(other);
      for (const [next, waiting] of this.#waiting) {
        if (waiting.some((one) => one.tx === other) && this.#waitsFor(next, other, asks, seen)) return true;
      }
    }
    return false;
  }
}
