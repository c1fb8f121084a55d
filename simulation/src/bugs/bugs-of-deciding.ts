import { HEADER, type LogRecord } from '@banyan/contracts';
import type { SliceHandler } from '@banyan/kafka';
import { NO_STATE } from '@banyan/postgres';
import type { MemoryTx } from '@banyan/postgres/testing';
import type { SinkStore } from '@banyan/sink';
import { type Bug, eachTx } from './bug.js';

/** Which event takes effect, and what is said of it. */
export const BUGS_OF_DECIDING: readonly Bug[] = [
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
    name: 'last-writer-wins-by-clock',
    what: 'an event that was decided on an older version takes effect where its clock is ahead',
    variant: { handler: (handler, store) => byClock(handler, store) },
  },
  {
    name: 'no-fence',
    what: 'an event of an epoch that is over counts as one of this epoch, as if no fence lay in the log',
    variant: { handler: (handler, store) => ofThisEpoch(handler, store) },
  },
  {
    name: 'decided-behind-a-parked-event',
    what: 'a command is decided on the document from before what stands, with the version behind it',
    variant: {
      view: (view) => ({
        ...view,
        state: async (entity, key, partition) => {
          const state = await view.state(entity, key, partition);
          return { ...state, parked: false, appliedVersion: state.keyState.version };
        },
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
];

const lastAppended = new Map<string, string>();

/** Hands on one record at a time, as `changed` makes it. */
function eachRecord(handler: SliceHandler, changed: (record: LogRecord) => Promise<LogRecord>): SliceHandler {
  return {
    position: (partition) => handler.position(partition),
    handle: async ({ topic, partition, records }) => {
      for (const record of records) await handler.handle({ topic, partition, records: [await changed(record)] });
    },
  };
}

function byClock(handler: SliceHandler, store: SinkStore<MemoryTx>): SliceHandler {
  const latest = new Map<string, string>();
  return eachRecord(handler, async (record) => {
    const { key, headers } = record;
    const [time, version] = [headers[HEADER.time], headers[HEADER.expectedVersion]];
    if (key === null || time === undefined || version === undefined) return record;
    const { keyState } = (await store.transaction((tx) => tx.readStates([key]))).get(key) ?? NO_STATE;
    if (time <= (latest.get(key) ?? '') || Number(version) >= keyState.version) return record;
    latest.set(key, time);
    return { ...record, headers: { ...headers, [HEADER.expectedVersion]: String(keyState.version) } };
  });
}

function ofThisEpoch(handler: SliceHandler, store: SinkStore<MemoryTx>): SliceHandler {
  return eachRecord(handler, async (record) => {
    const epoch = Number(record.headers[HEADER.epoch]);
    const { authority } = await store.status();
    if (record.key === null || !(epoch < authority.epoch)) return record;
    return { ...record, headers: { ...record.headers, [HEADER.epoch]: String(authority.epoch) } };
  });
}
