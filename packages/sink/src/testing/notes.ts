import { HEADER, type LogRecord } from '@banyan/contracts';
import { BanyanError, isImportOrigin, type Origin } from '@banyan/core';
import type { LogEntry } from '@banyan/core/testing';
import type { SliceItem } from '../decode.js';
import type { SinkEntity } from '../sink-options.js';

/** What an event of the test entity carries: its own id, so that a state tells which events made it. */
export interface Noted {
  readonly id: string;
  /** An import, or a restatement, carries the whole state. */
  readonly whole: boolean;
  /** A restatement: who, and why. */
  readonly by?: string;
  readonly reason?: string;
  /** `evolve` throws. */
  readonly broken?: boolean;
  /** Text put into the state as it is. */
  readonly text?: string;
}

export interface Notes {
  readonly ids: readonly string[];
  readonly text?: string;
}

export const NOTED = 'test.note.v1.Noted';
/** The same, by an operator, as the whole state. */
export const RESTATED = 'test.note.v1.NoteRestated';

/** An entity whose state lists the events that made it. */
export const notes: SinkEntity = {
  name: 'note',
  version: 1,
  events: [NOTED, RESTATED].map((name) => ({ name, schema: {} })),
  restated: {
    type: { name: RESTATED, schema: {} },
    of: (state: Notes | undefined) => ({ type: RESTATED, data: { id: state?.ids.join() ?? '', whole: true } }),
  },
  evolve(state: Notes | undefined, event: { data: Noted }): Notes {
    const { id, whole, broken, text } = event.data;
    if (broken === true) throw new Error(`note ${id} is broken`);
    const ids = whole ? [id] : [...(state?.ids ?? []), id];
    return text === undefined ? { ids } : { ids, text };
  },
};

/** The test entity's payloads are JSON; anything else is poison, as a codec would say. */
export const jsonDecoder = {
  decode: async (type: string, value: Buffer): Promise<unknown> => {
    try {
      return JSON.parse(value.toString());
    } catch (cause) {
      throw new BanyanError('CONTRACTS_UNDECODABLE', `${type} cannot be read`, { cause });
    }
  },
};

/** A record of one entry of a log, at a place. @param payload bytes instead of those of a good event */
export function recordOf(entry: LogEntry, place: { partition?: number; offset: bigint }, payload?: string): LogRecord {
  const { partition = 0, offset } = place;
  const base = { topic: 'test.note.v1', partition, offset, timestampMs: 0 };
  if (entry.type === 'marker') {
    const { type, epoch } = entry.marker;
    const share = entry.marker.type === 'fence' ? { [HEADER.share]: String(entry.marker.share) } : {};
    return {
      ...base,
      key: null,
      value: null,
      headers: { [HEADER.marker]: type, [HEADER.epoch]: String(epoch), ...share },
    };
  }
  const { key, id, origin, expectedVersion, epoch, liveness, contentHash } = entry.headers;
  const headers = Object.entries({
    [HEADER.id]: id,
    [HEADER.type]: typeOf(origin),
    [HEADER.origin]: origin,
    [HEADER.expectedVersion]: expectedVersion?.toString(),
    [HEADER.epoch]: epoch?.toString(),
    [HEADER.liveness]: liveness,
    [HEADER.contentHash]: contentHash,
  }).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  const data: Noted = { id: id ?? '', whole: isWhole(origin) };
  return { ...base, key, value: Buffer.from(payload ?? JSON.stringify(data)), headers: Object.fromEntries(headers) };
}

/** A record as a slice has it, read; a broken one is of a type or with bytes that cannot be read. */
export function itemOf(entry: LogEntry, offset: bigint, unreadable = false): SliceItem {
  const record = recordOf(entry, { offset });
  if (entry.type === 'marker') {
    return { record, kind: entry, decoded: { error: new BanyanError('SINK_NO_PAYLOAD', 'a marker') } };
  }
  const { headers } = entry;
  const data: Noted = { id: headers.id ?? '', whole: isWhole(headers.origin) };
  return {
    record,
    kind: { type: 'event', headers, eventType: typeOf(headers.origin) },
    decoded: unreadable
      ? { error: new BanyanError('CONTRACTS_UNDECODABLE', 'poison') }
      : { event: { type: typeOf(headers.origin), data } },
  };
}

function isWhole(origin: Origin | undefined): boolean {
  return origin !== undefined && (isImportOrigin(origin) || origin === 'repair');
}

function typeOf(origin: Origin | undefined): string {
  return origin === 'repair' ? RESTATED : NOTED;
}
