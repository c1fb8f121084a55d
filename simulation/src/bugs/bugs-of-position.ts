import { FIRST_AUTHORITY } from '@banyan/core';
import type { MemorySession, MemoryTx } from '@banyan/postgres/testing';
import type { PositionMove, SinkStore, SinkTx } from '@banyan/sink';
import { OFFSETS, type OffsetInMemory, offsetKey } from '@banyan/sink/testing';
import { type Bug, eachTx } from './bug.js';

/** What a consumer does with its place in the log. */
export const BUGS_OF_POSITION: readonly Bug[] = [
  {
    name: 'no-offset-guard',
    what: 'a slice counts wherever the stored position is: a zombie writes',
    variant: { sinkStore: unguarded },
  },
  {
    name: 'inbox-in-another-transaction',
    what: 'effects commit first, and what was taken in is noted in a transaction behind them',
    variant: { sinkStore: (store) => ({ ...store, transaction: (work) => effectsFirst(store, work) }) },
  },
  {
    name: 'position-before-the-effect',
    what: 'the position moves in a transaction of its own, before that of the effects',
    variant: { sinkStore: positionFirst },
  },
  {
    name: 'states-kept-over-a-turn',
    what: 'states that a slice left are believed whoever had the partition since',
    variant: {
      sinkStore: (store) => {
        let turn = 0;
        return eachTx(store, (tx) => ({
          ...tx,
          takePosition: async (move) => {
            turn += 1;
            return { ...(await tx.takePosition(move)), turn };
          },
        }));
      },
    },
  },
  {
    name: 'swallowed-error',
    what: 'a slice that fails is logged and passed over',
    variant: {
      handler: (handler, store) => ({
        position: (partition) => handler.position(partition),
        handle: async (slice) => {
          try {
            await handler.handle(slice);
          } catch {
            const first = slice.records[0]?.offset ?? 0n;
            const next = first + BigInt(slice.records.length);
            await store.transaction((tx) => tx.takePosition({ partition: slice.partition, expected: first, next }));
          }
        },
      }),
    },
  },
  {
    name: 'buffer-kept-over-a-rebalance',
    what: 'a member goes on where it was, not where the store is, when it gets its partition back',
    variant: {
      handler: (handler) => {
        const kept = new Map<number, bigint>();
        return {
          position: async (partition) => kept.get(partition) ?? handler.position(partition),
          handle: async (slice) => {
            await handler.handle(slice);
            const last = slice.records.at(-1);
            if (last !== undefined) kept.set(slice.partition, last.offset + 1n);
          },
        };
      },
    },
  },
  {
    name: 'pause-unheeded',
    what: 'a consumer that is paused goes on',
    variant: { pausable: (member) => ({ ...member, pause: () => undefined, resume: () => member.resume() }) },
  },
];

/** As if the position were a hint: nobody locks it, nobody looks at it. */
function unguarded(store: SinkStore<MemoryTx>, session: MemorySession): SinkStore<MemoryTx> {
  const row = (partition: number) => offsetKey(store.consumer, partition);
  return {
    ...store,
    transaction: async (work) => {
      const moves: PositionMove[] = [];
      const result = await store.transaction((tx) =>
        work({
          ...tx,
          takePosition: async (move) => {
            moves.push(move);
            const is = await tx.handle.run('position', (rows) =>
              rows.get<OffsetInMemory>(OFFSETS, row(move.partition)),
            );
            return { authority: is?.authority ?? FIRST_AUTHORITY, turn: (is?.turn ?? 0) + 1, knownInvalid: new Set() };
          },
        }),
      );
      for (const { partition, next } of moves) {
        await session.run('position', (rows) => {
          const is = rows.get<OffsetInMemory>(OFFSETS, row(partition));
          if (is !== undefined) rows.put(OFFSETS, row(partition), { ...is, nextOffset: next });
        });
      }
      return result;
    },
  };
}

function positionFirst(store: SinkStore<MemoryTx>): SinkStore<MemoryTx> {
  return eachTx(store, (tx) => ({
    ...tx,
    takePosition: (move) => store.transaction((own) => own.takePosition(move)),
  }));
}

function effectsFirst<T>(store: SinkStore<MemoryTx>, work: (tx: SinkTx<MemoryTx>) => Promise<T>): Promise<T> {
  return store.transaction((tx) => store.transaction((effects) => work({ ...tx, handle: effects.handle })));
}
