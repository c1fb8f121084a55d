import type { Codec, NewRecord } from '@banyan/contracts';
import { type EntityControl, NOTHING_CONTROLLED } from '@banyan/control';
import type { Clock } from '@banyan/core';
import { type Ask, Replayed } from '@banyan/core/testing';
import { createImporterOver } from '@banyan/importing';
import type { EventLog, Position } from '@banyan/kafka';
import {
  type Adoption,
  type Answer,
  type CommandTools,
  type Journal,
  LogWriter,
  notedSnapshot,
  type PendingEvent,
  runCommand,
  type StoredSnapshot,
  storedSnapshot,
  type V2View,
} from '@banyan/new-api/testing';
import { logger } from '@banyan/service';
import type { AnyEntity } from '@banyan/transformer';
import { asRead, type Kept, kept, type PlainState, recordAt } from './log.js';

/** What an Idempotency-Key remembers of an event, as plain JSON. */
export interface Noted {
  readonly eventId: string;
  readonly record: Kept;
  readonly noted: StoredSnapshot;
  readonly offset?: number;
}

export interface ClientArgs {
  /** The write's own id. */
  readonly id: string;
  readonly key: string;
  /** Which try of the same request it is. */
  readonly attempt: number;
  readonly pending?: Noted;
  /** What this API instance knows of who may write. */
  readonly control: EntityControl;
}

/** What the tries of one request came to. */
export type Said = 'done' | 'refused' | 'unknown';

export const CLOCK: Clock = { now: () => 0, monotonic: () => 0 };
const SILENT = { ...logger('model'), warn: () => undefined } as unknown as ReturnType<typeof logger>;
const CODEC: Codec = {
  prepare: async () => undefined,
  encode: (_type, data) => Buffer.from(JSON.stringify(data)),
  decode: async (_type, value) => JSON.parse(String(value)),
};

/**
 * One try of one request to the real new-api, from its route on, as an actor: it asks for `state`, `append`, `reached`, `read`,
 * for the key's memory (`note`, `acknowledged`, `finish`, `release`), and, where it adopts, for legacy's `row`.
 */
export function apiClient(entity: AnyEntity): Replayed<ClientArgs> {
  return new Replayed<ClientArgs>(async (ask, args) => {
    const writer = new LogWriter(eventLog(ask), CODEC, '', [entity]);
    await writer.prepare();
    let ids = 0;
    const newId = () => `${args.id}.${args.attempt}.${ids++}`;
    const control = { ...NOTHING_CONTROLLED, entities: { tally: args.control } };
    const tools: CommandTools & { readonly logger: ReturnType<typeof logger> } = {
      store: viewOf(ask),
      progress: { reached: ({ offset }) => ask('reached', Number(offset)), close: async () => undefined },
      log: writer,
      receipts: {} as CommandTools['receipts'],
      porter: undefined,
      control: { state: () => control, onChange: () => () => undefined },
      adoption: adoptionOf(ask, entity, writer, newId),
      entities: [entity],
      source: 'model',
      newId,
      clock: CLOCK,
      appendDeadlineMs: 1,
      movePatienceMs: 0,
      outcomeDeadlineMs: 1,
      logger: SILENT,
    };
    const [command] = entity.commands;
    if (command === undefined) throw new Error('no command');
    const call = {
      entity,
      command,
      address: { id: args.key },
      body: { id: args.id },
      ifMatch: undefined,
      respondAsync: false,
      traceparent: undefined,
    };
    return runCommand(tools, call, journalOf(ask, args.pending));
  });
}

/** What its caller makes of how a try ended. */
export function saidBy(turn: {
  readonly type: 'returned' | 'threw';
  readonly value?: unknown;
  readonly error?: unknown;
}): Said {
  if (turn.type === 'returned') return (turn.value as Answer).status < 202 ? 'done' : 'unknown';
  const { status, code } = turn.error as { status?: number; code?: string };
  if (status === undefined) throw turn.error;
  return code === 'API_OUTCOME_UNKNOWN' ? 'unknown' : 'refused';
}

function eventLog(ask: Ask): EventLog {
  async function* read(_topic: string, _partition: number, from: bigint, to: bigint) {
    const records = await ask<readonly Kept[]>('read', Number(from), Number(to));
    for (const [index, record] of records.entries()) yield recordAt(record, Number(from) + index);
  }
  const appender = { append: appendBy(ask), partitionOf: async () => 0, oldestUnacknowledgedMs: () => 0 };
  return { appender: async () => appender, read } as unknown as EventLog;
}

function viewOf(ask: Ask): V2View {
  const state = async () => asRead(await ask<PlainState>('state'));
  return {
    state,
    states: async (_entity, keys) => new Map([[keys[0] ?? '', await state()]]),
    legacyIds: async () => new Map(),
    links: async () => [],
    parked: async () => undefined,
    rows: async () => [],
  };
}

function journalOf(ask: Ask, pending: Noted | undefined): Journal {
  return {
    pending: pending === undefined ? undefined : fromPlain(pending),
    note: ({ eventId, record, noted }) =>
      ask('note', { eventId, record: kept(record), noted: storedSnapshot(noted) } satisfies Noted),
    acknowledged: ({ offset }) => ask('acknowledged', Number(offset)),
    finish: () => ask('finish'),
    release: ({ dropPending }) => ask('release', dropPending),
  };
}

function fromPlain({ eventId, record, noted, offset }: Noted): PendingEvent {
  const { key, value, headers, topic, partition } = recordAt(record, 0);
  if (key === null || value === null) throw new Error('an event has a key and a value');
  const position = offset === undefined ? {} : { position: { partition, offset: BigInt(offset) } };
  return { eventId, record: { topic, partition, key, value, headers }, noted: notedSnapshot(noted), ...position };
}

/** The real import of one row inside the request, over the same surroundings. */
function adoptionOf(ask: Ask, entity: AnyEntity, log: LogWriter, newId: () => string): Adoption {
  const importer = createImporterOver({
    ...importTools(ask, entity, newId),
    origin: 'adoption',
    log,
    codec: CODEC,
  });
  return {
    adopt: async (_entity, ids) => {
      const results = await importer.importChunk(ids.map((legacyId) => ({ legacyId })));
      return new Map(results.map((result, index) => [ids[index] ?? '', result]));
    },
  };
}

/** What the import protocol asks its surroundings: `observe`, `row`, `intents`, `links`, `append`, `reached`. */
export function importTools(ask: Ask, entity: AnyEntity, newId: () => string) {
  return {
    entity,
    entities: [entity],
    source: 'model',
    topicPrefix: '',
    log: { append: appendBy(ask), partitionOf: async () => 0 },
    codec: CODEC,
    observer: {
      authorities: async () => new Map([[0, await ask<PlainState['authority']>('authority')]]),
      keyStates: async (_entity: string, keys: readonly string[]) => {
        const states = await ask<Readonly<Record<string, PlainState['keyState']>>>('keyStates', ...keys);
        return new Map(Object.entries(states));
      },
    },
    progress: {
      reached: ({ offset }: { offset: bigint }) => ask<boolean>('reached', Number(offset)),
      close: async () => undefined,
    },
    reader: {
      idsAfter: async () => ({ ids: [], last: true }),
      rows: async (ids: readonly string[]) => {
        const rows = await ask<Readonly<Record<string, never>>>('rows', ...ids);
        return { rows: new Map(Object.entries(rows)), invalid: [] };
      },
      one: async (id: string) => (await ask<Readonly<Record<string, never>>>('rows', id))[id],
      highWaterMark: async () => null,
    },
    porter: {
      intents: () => ask<never[]>('intents'),
      links: (_entity: string, by: unknown) => ask<never[]>('links', by),
    },
    newId,
    clock: CLOCK,
    waitForIntentsMs: 0,
    // Of runs that are over: what is replayed asks nothing of a clock.
    appendDeadlineMs: 1,
  };
}

function appendBy(ask: Ask) {
  return async (record: NewRecord): Promise<Position> => ({
    partition: 0,
    offset: BigInt(await ask<number>('append', kept(record))),
  });
}

/** One run of the real importer over one legacy id. */
export function importer(entity: AnyEntity): Replayed<{ readonly name: string; readonly legacyId: string }> {
  return new Replayed(async (ask, { name, legacyId }) => {
    let ids = 0;
    const newId = () => `${name}.${ids++}`;
    const importing = createImporterOver({ ...importTools(ask, entity, newId), origin: 'backfill' });
    const [result] = await importing.importChunk([{ legacyId }]);
    return result?.bucket;
  });
}
