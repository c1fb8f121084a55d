import type { LogRecord } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { BanyanError } from '@banyan/core';
import type { SliceHandler } from '@banyan/kafka';
import type { Connection } from '@banyan/postgres';
import { type Decoder, decodeAll, type ParkedRecord, type SinkStore, type SliceItem, tallyOf } from '@banyan/sink';
import { type LinkRow, saveLinks } from './links.js';

export const RECEIPTS_CONSUMER = 'receipts';

export interface ReceiptsOptions {
  readonly store: SinkStore<Connection>;
  readonly codec: Decoder;
  /** Entity -> its primary port: links of other ports are their own business. */
  readonly primaryPorts: ReadonlyMap<string, string>;
}

/**
 * Folds the porter's receipts into the links that reads use. A receipt that cannot be read is kept and blocks nothing: the same link
 * comes with every later receipt of its key.
 */
export function receiptsHandler({ store, codec, primaryPorts }: ReceiptsOptions): SliceHandler {
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
      await store.transaction(async (tx) => {
        await tx.takePosition({ partition, expected, next });
        await saveLinks(tx.handle, links);
        await tx.saveParked(unreadable);
        // A receipt folds as nothing else does: it is read, or it is not.
        const [read, invalid] = [items.length - unreadable.length, unreadable.length];
        await tx.notifyPosition(partition, next, tallyOf({ effective: read, applied: read, invalid }));
      });
    },
  };
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
