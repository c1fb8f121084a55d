import { describe, expect, it } from '@jest/globals';
import { ConnectionLost, Deadlock, MemoryDatabase } from './memory-database.js';

const NAME = { name: 'a' };

/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a database in memory', () => {
  it('shows a transaction its own changes, and others what is committed', async () => {
    const database = new MemoryDatabase();
    const [mine, other] = [database.session(), database.session()];
    await mine.transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      expect(await tx.run('select', (rows) => rows.get('t', '1'))).toEqual(NAME);
      expect(await tx.run('select', (rows) => rows.all('t'))).toEqual([['1', NAME]]);
      expect(await other.run('select', (rows) => rows.get('t', '1'))).toBeUndefined();
    });
    expect(await other.run('select', (rows) => rows.get('t', '1'))).toEqual(NAME);
    await other.transaction(async (tx) => {
      await tx.run('delete', (rows) => rows.delete('t', '1'));
      expect(await tx.run('select', (rows) => rows.all('t'))).toEqual([]);
      expect(database.committed('t')).toEqual([['1', NAME]]);
    });
    expect(database.committed('t')).toEqual([]);
  });

  it('keeps nothing of a transaction that throws, or whose process dies before the commit', async () => {
    const database = new MemoryDatabase();
    const heard: string[] = [];
    database.listen((channel, payload) => heard.push(`${channel} ${payload}`));
    const insert = database.session().transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      tx.notify('t', '1');
      throw new Error('no');
    });
    await expect(insert).rejects.toThrow('no');
    const doomed = database.session();
    const late = doomed.transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      doomed.kill();
    });
    await expect(late).rejects.toThrow(ConnectionLost);
    await expect(doomed.run('select', () => 0)).rejects.toThrow(ConnectionLost);
    expect([database.committed('t'), heard]).toEqual([[], []]);
  });

  it('keeps a commit whose answer is lost, and tells those who listen', async () => {
    const database = new MemoryDatabase();
    const heard: string[] = [];
    database.listen((channel, payload) => heard.push(`${channel} ${payload}`));
    const session = database.session(async (what) => {
      if (what === 'committed') throw new ConnectionLost('no answer');
    });
    const write = session.transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      tx.notify('t', '1');
    });
    await expect(write).rejects.toThrow('no answer');
    expect([database.committed('t'), heard]).toEqual([[['1', NAME]], ['t 1']]);
  });

  it('keeps nothing behind a connection that broke, although the error was caught', async () => {
    const database = new MemoryDatabase();
    const session = database.session(async (what) => {
      if (what === 'broken') throw new ConnectionLost('gone');
    });
    const write = session.transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      await tx.run('broken', () => undefined).catch(() => undefined);
    });
    await expect(write).rejects.toThrow(ConnectionLost);
    expect(database.committed('t')).toEqual([]);
  });

  it('runs and commits a single statement at one go', async () => {
    const database = new MemoryDatabase();
    const seen: unknown[] = [];
    const session = database.session(async (what) => void seen.push([what, database.committed('t').length]));
    await session.run('insert', (rows) => rows.put('t', '1', NAME));
    expect(seen).toEqual([
      ['insert', 0],
      ['committed', 1],
    ]);
  });

  it('finds out who writes a row that another open transaction has written, and did not lock it', async () => {
    const database = new MemoryDatabase();
    await database.session().transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      const other = database.session().run('insert', (rows) => rows.put('t', '1', NAME));
      await expect(other).rejects.toThrow('the twin has to lock');
    });
    await database.session().run('update', (rows) => rows.put('t', '1', NAME));
  });

  it('takes back to a savepoint what failed behind it', async () => {
    const database = new MemoryDatabase();
    await database.session().transaction(async (tx) => {
      await tx.run('insert', (rows) => rows.put('t', '1', NAME));
      const failed = tx.savepoint(async () => {
        await tx.run('delete', (rows) => rows.delete('t', '1'));
        await tx.run('insert', (rows) => rows.put('t', '2', NAME));
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
    });
    expect(database.committed('t')).toEqual([['1', NAME]]);
  });

  it('lets who locks a row wait for its holder, and skips it for who asks so', async () => {
    const database = new MemoryDatabase();
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = database.session().transaction(async (tx) => {
      await tx.lock('row');
      order.push('first');
      await held;
    });
    const second = database.session().transaction(async (tx) => {
      await tx.lock('row');
      order.push('second');
    });
    await settle();
    const skipped = await database.session().run('claim', (rows) => rows.tryLock('row'));
    expect([order, skipped]).toEqual([['first'], false]);
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('gives the locks of a dead process to who waits, and wakes its own waiters to their end', async () => {
    const database = new MemoryDatabase();
    const [holder, waiter, heir] = [database.session(), database.session(), database.session()];
    const never = holder.transaction(async (tx) => {
      await tx.lock('row');
      await new Promise(() => undefined);
    });
    const doomed = waiter.transaction((tx) => tx.lock('row'));
    const next = heir.transaction((tx) => tx.lock('row'));
    await settle();
    waiter.kill();
    await expect(doomed).rejects.toThrow(ConnectionLost);
    holder.kill();
    await next;
    void never;
  });

  it('gives a shared lock to all who share it, and to one alone behind them, in the order of asking', async () => {
    const database = new MemoryDatabase();
    const order: string[] = [];
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const locking = (name: string, how: 'alone' | 'shared', until: Promise<void> = Promise.resolve()) =>
      database.session().transaction(async (tx) => {
        await tx.lock('l', how);
        order.push(name);
        await until;
      });
    const all = [locking('a', 'shared', held), locking('b', 'shared', held)];
    await settle();
    all.push(locking('c', 'alone'));
    await settle();
    all.push(locking('d', 'shared'));
    await settle();
    expect(order).toEqual(['a', 'b']);
    release();
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('ends the transaction that would wait for itself, and the other goes on', async () => {
    const database = new MemoryDatabase();
    const { promise: both, resolve: met } = Promise.withResolvers<void>();
    const first = database.session().transaction(async (tx) => {
      await tx.lock('a');
      await both;
      await tx.lock('b');
    });
    const second = database.session().transaction(async (tx) => {
      await tx.lock('b');
      met();
      await settle();
      await tx.lock('a');
    });
    await expect(second).rejects.toThrow(Deadlock);
    await first;
  });
});
