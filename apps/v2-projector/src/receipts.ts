import type { LogRecord } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { BanyanError } from '@banyan/core';
import type { SliceHandler } from '@banyan/kafka';
import { type Connection, type StoredState, together } from '@banyan/postgres';
import { type Decoder, decodeAll, type ParkedRecord, type SinkStore, type SliceItem, tallyOf } from '@banyan/sink';
import { type LinkRow, saveLinks } from './links.js';
import { type StateMismatch, stateMismatch } from './state-mismatches.js';

export const RECEIPTS_CONSUMER = 'receipts';

export interface ReceiptsOptions {
  readonly store: SinkStore<Connection>;
  readonly codec: Decoder;
  /** Entity -> its primary port: links of other ports are their own business. */
  readonly primaryPorts: ReadonlyMap<string, string>;
  /** V2's states, to hold what receipts tell of against. */
  states(tx: Connection, entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredState>>;
  /** Told again when the slice is repeated. */
  readonly onMismatch: (mismatch: StateMismatch) => void;
}

/**
 * Folds the porter's receipts into the links that reads use. A receipt that cannot be read is kept and blocks nothing: the same link
 * comes with every later receipt of its key.
 */
export function receiptsHandler(options: ReceiptsOptions): SliceHandler {
  const { store, codec, primaryPorts, onMismatch } = options;
  const types = new Set([EventHandled.name]);
  return {
    position: (partition) => store.position(partition),
    handle: async ({ partition, records }) => {
      const items = await decodeAll(codec, types, records);
      const links: LinkRow[] = [];
      const unreadable: ParkedRecord[] = [];
      for (const item of items) {
        const read = readLink(item, primaryPorts);
        if ('error' in read) unreadable.push(unread(item, read.error));
        else if (read.link !== undefined) links.push(read.link);
      }
      const { expected, next } = positions(records);
      const mismatches = await store.transaction(async (tx) => {
        await tx.takePosition({ partition, expected, next });
        // A receipt folds as nothing else does: it is read, or it is not.
        const [read, invalid] = [items.length - unreadable.length, unreadable.length];
        const [, , , found] = await together(
          saveLinks(tx.handle, links),
          tx.saveParked(unreadable),
          tx.notifyPosition(partition, next, tallyOf({ effective: read, applied: read, invalid })),
          mismatchesIn(options, tx.handle, items),
        );
        return found;
      });
      for (const mismatch of mismatches) onMismatch(mismatch);
    },
  };
}

async function mismatchesIn(
  { states }: Pick<ReceiptsOptions, 'states'>,
  tx: Connection,
  items: readonly SliceItem[],
): Promise<readonly StateMismatch[]> {
  const told = items.flatMap(({ decoded }) => ('error' in decoded ? [] : [decoded.event.data as EventHandledData]));
  const readable = told.filter(({ key }) => UUID.test(key));
  const found: StateMismatch[] = [];
  for (const [entity, its] of Map.groupBy(readable, (receipt) => receipt.entity)) {
    const stored = await states(tx, entity, [...new Set(its.map(({ key }) => key))]);
    found.push(...its.flatMap((receipt) => stateMismatch(receipt, stored.get(receipt.key)) ?? []));
  }
  return found;
}

type Read = { readonly link: LinkRow | undefined } | { readonly error: BanyanError };

function readLink({ decoded, record }: SliceItem, primaryPorts: ReadonlyMap<string, string>): Read {
  if ('error' in decoded) return decoded;
  const { entity, key, legacyId, port } = decoded.event.data as EventHandledData;
  if (legacyId === null || primaryPorts.get(entity) !== port) return { link: undefined };
  if (!UUID.test(key) || legacyId.includes('\u0000')) {
    const message = `The receipt at ${record.partition}/${record.offset} names a key or a legacy id that cannot be one; look at the porter.`;
    return { error: new BanyanError('PROJECTOR_RECEIPT_INVALID', message, { data: { entity, key, legacyId } }) };
  }
  return { link: { entity, key, legacy_id: legacyId, port } };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function unread({ record, kind }: SliceItem, error: BanyanError): ParkedRecord {
  const eventType = kind.type === 'event' ? kind.eventType : undefined;
  return { record, key: record.key, kind: 'invalid', eventId: undefined, eventType, change: undefined, error };
}

function positions(records: readonly LogRecord[]): { readonly expected: bigint; readonly next: bigint } {
  const expected = records[0]?.offset ?? 0n;
  return { expected, next: (records.at(-1)?.offset ?? expected) + 1n };
}
