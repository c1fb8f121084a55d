import type { NewRecord } from '@banyan/contracts';
import { AT } from './format.js';

/** Lengths, attributes, timestamp and offset of a record in a batch: at most 36 bytes; per header at most 10. */
const RECORD_OVERHEAD = 36;
const HEADER_OVERHEAD = 10;
/** The batch's own header, which a lone record carries too. */
const BATCH_OVERHEAD = AT.records;

/** What a record takes in the log before compression, never less than that. */
export function recordBytes({ key, value, headers }: Pick<NewRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = BATCH_OVERHEAD + RECORD_OVERHEAD + (key === null ? 0 : Buffer.byteLength(key)) + (value?.length ?? 0);
  for (const [name, text] of Object.entries(headers)) {
    bytes += HEADER_OVERHEAD + Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}
