import {
  type EventHeaders,
  isImportOrigin,
  isNativeOrigin,
  type Liveness,
  type Marker,
  type Origin,
} from '@banyan/core';
import { HEADER } from './headers.js';
import type { LogRecord, RecordKind } from './record.js';

type Headers = LogRecord['headers'];

/**
 * What a record of an entity's topic is, by key and headers alone. Never throws: what is missing or malformed reads as
 * undefined, and the fold calls such an event `invalid`, since one bad record must not stop a partition.
 *
 * Only a record without a key can be a marker: an event that carries a marker's header must not move authority.
 */
export function readKind(record: Pick<LogRecord, 'key' | 'headers'>): RecordKind {
  const { key, headers } = record;
  if (key === null) {
    const marker = readMarker(headers);
    if (marker !== undefined) return { type: 'marker', marker };
  }
  return { type: 'event', headers: readEventHeaders(key, headers), eventType: match(headers[HEADER.type], FULL_NAME) };
}

function readMarker(headers: Headers): Marker | undefined {
  const epoch = readNumber(headers[HEADER.epoch], MAX_EPOCH);
  if (epoch === undefined) return undefined;
  if (headers[HEADER.marker] === 'handback') return { type: 'handback', epoch };
  const share = readNumber(headers[HEADER.share], 100);
  if (headers[HEADER.marker] !== 'fence' || share === undefined) return undefined;
  return { type: 'fence', epoch, share };
}

function readEventHeaders(key: string | null, headers: Headers): EventHeaders {
  // A key that is no entity id (none at all, or `ABC…` beside `abc…`, one uuid to a database and two keys to Kafka) has no
  // state to fold into: nothing of the event is read, so it folds as `invalid`.
  if (key === null || !UUID.test(key)) return { key: key ?? '', ...NOTHING };
  return {
    key,
    id: match(headers[HEADER.id], TOKEN),
    origin: readOrigin(headers[HEADER.origin]),
    expectedVersion: readNumber(headers[HEADER.expectedVersion]),
    epoch: readNumber(headers[HEADER.epoch], MAX_EPOCH),
    liveness: readLiveness(headers[HEADER.liveness]),
    contentHash: match(headers[HEADER.contentHash], TOKEN),
  };
}

const NOTHING = {
  id: undefined,
  origin: undefined,
  expectedVersion: undefined,
  epoch: undefined,
  liveness: undefined,
  contentHash: undefined,
} as const;

/** Lower case only, as everything that makes an id writes it. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Printable ASCII of a bounded length: ids and hashes are stored in key states, which a NUL or a megabyte would break. */
const TOKEN = /^[\x21-\x7e]{1,128}$/;
const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,254}$/;
/** Epochs are stored as 32 bit integers. */
const MAX_EPOCH = 2 ** 31 - 1;
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

function match(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function readNumber(text: string | undefined, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined || !WHOLE_NUMBER.test(text)) return undefined;
  const number = Number(text);
  return number <= max ? number : undefined;
}

function readOrigin(text: string | undefined): Origin | undefined {
  return text !== undefined && (isNativeOrigin(text) || isImportOrigin(text)) ? text : undefined;
}

function readLiveness(text: string | undefined): Liveness | undefined {
  return text === 'live' || text === 'deleted' ? text : undefined;
}
