import { errorType } from '../kafkajs/error-type.js';

export type SendVerdict =
  /** The broker refuses these bytes and will refuse them again: split the batch, then tell the caller. */
  | 'refused'
  /** The producer id or its sequence is lost: a new producer, the same batch. */
  | 'producer-lost'
  /** Anything else, known or not: it may have been written. The same batch again. */
  | 'unknown';

const REFUSED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
]);

const PRODUCER_LOST = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  // a code newer than this kafkajs, PRODUCER_FENCED among them
  'KAFKAJS_UNKNOWN_ERROR_CODE',
]);

/** Every error that is not known to be a refusal counts as "fate unknown", a TypeError out of kafkajs too. */
export function sendVerdict(error: unknown): SendVerdict {
  const type = errorType(error);
  if (type === undefined) return 'unknown';
  if (REFUSED.has(type)) return 'refused';
  return PRODUCER_LOST.has(type) ? 'producer-lost' : 'unknown';
}
