import { HEADER } from '@banyan/contracts';
import { FIRST_AUTHORITY } from '@banyan/core';
import {
  type IntentRow,
  type PorterStatements,
  type PorterStore,
  TABLE,
  type WorkRow,
} from '@banyan/legacy-porter/testing';
import type { MemorySession, MemoryTx } from '@banyan/postgres/testing';
import type { PositionMove, SinkStore, SinkTx } from '@banyan/sink';
import { OFFSETS, type OffsetInMemory, offsetKey } from '@banyan/sink/testing';
import type { Variant } from './world/variant.js';

/** A way to build it wrongly that a reader could take for right, and which a simulation has to find. */
export interface Bug {
  readonly name: string;
  readonly what: string;
  readonly variant: Variant;
}

export const BUGS: readonly Bug[] = [
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
    name: 'last-writer-wins',
    what: 'an event gets the version of the moment of its append, not that of its decision',
    variant: {
      appender: (appender, _process, view) => ({
        ...appender,
        append: async (record, options) => {
          const { key, headers } = record;
          if (key === null || headers[HEADER.origin] !== 'api') return appender.append(record, options);
          const { appliedVersion } = await view.state('note', key, record.partition);
          return appender.append(
            { ...record, headers: { ...headers, [HEADER.expectedVersion]: String(appliedVersion) } },
            options,
          );
        },
        partitionOf: (topic, key) => appender.partitionOf(topic, key),
        oldestUnacknowledgedMs: () => appender.oldestUnacknowledgedMs(),
        close: (timeoutMs) => appender.close(timeoutMs),
      }),
    },
  },
  {
    name: 'import-beats-native',
    what: 'an import takes effect on a key that V2 owns in this epoch',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => ({
          ...tx,
          readStates: async (keys) =>
            new Map(
              [...(await tx.readStates(keys))].map(([key, state]) => [
                key,
                state.keyState.owner === 'new' ? { ...state, keyState: { ...state.keyState, owner: 'legacy' } } : state,
              ]),
            ),
        })),
    },
  },
  {
    name: 'outcome-by-version',
    what: 'new-api takes "the version got bigger" for the outcome of its own event',
    variant: {
      view: (view) => ({
        ...view,
        state: async (entity, key, partition) => {
          const state = await view.state(entity, key, partition);
          const { keyState } = state;
          const mine = keyState.recent.map(({ version }) => ({ eventId: lastAppended.get(key) ?? '', version }));
          return { ...state, keyState: { ...keyState, recent: [...keyState.recent, ...mine] } };
        },
      }),
      appender: (appender) => ({
        ...appender,
        append: (record, options) => {
          if (record.key !== null) lastAppended.set(record.key, record.headers[HEADER.id] ?? '');
          return appender.append(record, options);
        },
      }),
    },
  },
  {
    name: 'bytes-forgotten',
    what: 'what an earlier try may have appended is not stored with the Idempotency-Key',
    variant: { journal: (journal) => ({ ...journal, pending: undefined, note: async () => undefined }) },
  },
  {
    name: 'lost-by-the-producer',
    what: 'a concurrent idempotent producer: the record behind a lost answer takes its place',
    variant: {
      appender: (appender) => {
        let sent = 0;
        return {
          ...appender,
          append: async (record, options) => {
            sent += 1;
            if (sent % 7 !== 0) return appender.append(record, options);
            const partition = record.partition ?? (await appender.partitionOf(record.topic, record.key ?? ''));
            return { partition, offset: 0n };
          },
        };
      },
    },
  },
  {
    name: 'turns-undrained',
    what: 'writes go back although legacy does not have everything yet',
    variant: { unsettled: () => [] },
  },
  {
    name: 'intents-unread',
    what: 'an import does not look at what the porter is sending',
    variant: { porterApi: (api) => ({ ...api, intents: async () => [] }) },
  },
  {
    name: 'link-with-the-receipt',
    what: 'the link is written behind the transaction that closes the send',
    variant: {
      porterStore: (store) => ({
        ...store,
        transaction: async (work) => {
          const later: Parameters<PorterStatements['addLinks']>[0][] = [];
          const result = await store.transaction((tx) =>
            work({ ...tx, addLinks: async (links) => void later.push(links), takenLinks: async () => [] }),
          );
          for (const links of later) await store.alone.addLinks(links);
          return result;
        },
      }),
    },
  },
  {
    name: 'no-believed-at-once',
    what: 'a probe’s "no" counts before settleAfter is over',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          readSends: (sends) => tx.readSends(sends.map((send) => ({ ...send, settleAfterMs: 0 }))),
        })),
    },
  },
  {
    name: 'blind-resend',
    what: 'a create of class probe is sent again without asking',
    variant: {
      port: (port) => ({
        ...port,
        sender: { ...port.sender, probe: async () => ({ type: 'candidates', ours: [] }) },
      }),
    },
  },
  {
    name: 'sent-before-the-journal',
    what: 'what is sent is not journalled first',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          openIntents: (_, sends) => tx.lockClaims(sends.map(({ work }) => work)),
        })),
    },
  },
  {
    name: 'retry-overtakes',
    what: 'a send that waits for its retry does not hold up the later ones of its key',
    variant: {
      porterStore: (store, session) =>
        eachStatements(store, (tx) => ({
          ...tx,
          claimWork: async (consumers, holder, limit) => {
            const claimed = await tx.claimWork(consumers, holder, limit);
            const nowMs = Date.now();
            const more = await session.run('claim more', (rows) =>
              rows
                .all<WorkRow>(TABLE.work)
                .map(([id, row]) => ({ id, row }))
                .filter(({ row }) => row.state === 'ready' && row.claimedBy === null && row.notBefore <= nowMs)
                .slice(0, limit - claimed.length)
                .flatMap(({ id, row }) => {
                  if (!rows.tryLock(`${TABLE.work} ${id}`)) return [];
                  const claim = `claim-${rows.nextNumber('claim')}`;
                  const { name, incarnation } = holder;
                  const changed = { ...row, claimedBy: name, claimedIncarnation: incarnation, claim };
                  rows.put(TABLE.work, id, changed);
                  return [{ ...changed, document: row.document ?? undefined, stateHash: row.stateHash ?? undefined }];
                }),
            );
            return [...claimed, ...more];
          },
        })),
    },
  },
  {
    name: 'lease-without-end',
    what: 'a porter that was frozen writes on although another has taken its sends over',
    variant: { leaseEnds: false },
  },
  {
    name: 'take-over-forgets',
    what: 'what a dead porter had open is taken for not sent',
    variant: {
      porterStore: (store, session) =>
        eachStatements(store, (tx) => ({
          ...tx,
          intentsArrived: (of) =>
            session.run('forget intents', (rows) => {
              const its = rows
                .all<IntentRow>(TABLE.intent)
                .filter(([, { writer, state }]) => writer === of.name && state === 'open');
              for (const [id] of its) rows.delete(TABLE.intent, id);
              return its.length;
            }),
        })),
    },
  },
];

const lastAppended = new Map<string, string>();

function eachTx(store: SinkStore<MemoryTx>, wrong: (tx: SinkTx<MemoryTx>) => SinkTx<MemoryTx>): SinkStore<MemoryTx> {
  return { ...store, transaction: (work) => store.transaction((tx) => work(wrong(tx))) };
}

function eachStatements(
  store: PorterStore<MemoryTx>,
  wrong: (statements: PorterStatements) => PorterStatements,
): PorterStore<MemoryTx> {
  return {
    alone: wrong(store.alone),
    transaction: (work) => store.transaction((tx) => work(wrong(tx))),
    within: (handle) => wrong(store.within(handle)),
  };
}

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
