import {
  type Connection,
  closedEntries,
  type Pool,
  parkedEntries,
  prepareOffsets,
  readStates,
  transaction,
} from '@banyan/postgres';
import { tallyOf } from './books.js';
import { books, sinkStatus, standing, tallies } from './postgres/counts.js';
import * as parked from './postgres/parked.js';
import type { SinkPlace } from './postgres/place.js';
import * as positions from './postgres/positions.js';
import { repairReads, repairTx } from './postgres/repairs.js';
import { saveStates } from './postgres/states.js';
import type { SinkStore, SinkTx } from './sink-store.js';

export interface PostgresSinkStoreOptions {
  readonly pool: Pool;
  /** `v2` or `porter`; its tables come from `sinkMigrations`. */
  readonly schema: string;
  /** Whose fold this is: `order` in `v2`, `order.backend` in `porter`. */
  readonly consumer: string;
}

export function createPostgresSinkStore({ pool, schema, consumer }: PostgresSinkStoreOptions): SinkStore<Connection> {
  const place = { schema, consumer };
  return {
    consumer,
    prepare: (partitions) => prepareOffsets(pool, schema, consumer, partitions),
    position: (partition) => positions.positionOf(pool, place, partition),
    transaction: (work) => transaction(pool, (connection) => work(sinkTx(connection, place))),
    loadParked: (key) => parked.loadParked(pool, place, key),
    parked: (key) => parkedEntries(pool, schema, { consumer, ...(key === undefined ? {} : { key }) }),
    closed: (key) => closedEntries(pool, schema, { consumer, ...(key === undefined ? {} : { key }) }),
    status: () => sinkStatus(pool, place),
    standing: () => standing(pool, place),
    books: () => books(pool, place),
    tallies: () => tallies(pool, place),
    ...repairReads(pool, place),
  };
}

function sinkTx(connection: Connection, place: SinkPlace): SinkTx<Connection> {
  /** Looked for behind the lock of the position, and not written since: nobody else makes a state of them. */
  const absent = new Set<string>();
  return {
    handle: connection,
    ...repairTx(connection, place),
    takePosition: (move) => positions.takePosition(connection, place, move),
    lockPosition: (partition) => positions.lockPosition(connection, place, partition),
    saveAuthority: (partition, authority) => positions.saveAuthority(connection, place, partition, authority),
    notifyPosition: (partition, next, tally = tallyOf({})) =>
      positions.notifyPosition(connection, place, { partition, next, tally }),
    readStates: async (keys) => {
      const found = await readStates(connection, place.schema, place.consumer, keys);
      for (const key of keys) if (!found.has(key)) absent.add(key);
      return found;
    },
    saveStates: async (states) => {
      let areNew = true;
      for (const key of states.keys()) areNew = absent.delete(key) && areNew;
      await saveStates(connection, place, states, areNew);
    },
    saveParked: (records) => parked.saveParked(connection, place, records),
    closeParked: (closings) => parked.closeParked(connection, place, closings),
    loadParked: (key) => parked.loadParked(connection, place, key),
    releaseParked: (ids) => parked.releaseParked(connection, place, ids),
    restateParked: (held, reason) => parked.restateParked(connection, place, held, reason),
    parkedBecause: (id, error) => parked.parkedBecause(connection, place, id, error),
    attempt: async (work) => {
      await connection.query('savepoint attempt');
      const failure = await work();
      await connection.query(failure === undefined ? 'release savepoint attempt' : 'rollback to savepoint attempt');
      return failure;
    },
  };
}
