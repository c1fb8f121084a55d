import { HEADER, RECEIPTS_TOPIC } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { isImportOrigin } from '@banyan/core';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';

/** Outcomes behind which nothing comes. */
const FINAL = new Set(['ported', 'skipped']);

/**
 * The porter has told of each native event that took effect how it ended, once, however often that was written: a receipt that was told before
 * it was so would be told again by whoever did it. Nothing else was told to be ported.
 */
export async function receiptsAre(world: World, { changes }: FoldedLog): Promise<readonly string[]> {
  const codec = world.codec('receipts');
  const byId = new Map(world.log.records(RECEIPTS_TOPIC).map((record) => [record.headers[HEADER.id], record.value]));
  const receipts = (await Promise.all(
    [...byId.values()].map((value) => codec.decode(EventHandled.name, value)),
  )) as EventHandledData[];
  const ended = Map.groupBy(
    receipts.filter(({ outcome }) => FINAL.has(outcome)),
    ({ eventId }) => eventId,
  );
  const effective = new Map(
    changes
      .filter(({ outcome, origin }) => outcome === 'effective' && !isImportOrigin(origin))
      .map((change) => [change.eventId, change]),
  );
  return [...new Set([...effective.keys(), ...ended.keys()])].flatMap((eventId) => {
    const told = ended.get(eventId) ?? [];
    if (!effective.has(eventId)) return [`${eventId} took no effect, and was told to be ${told[0]?.outcome}`];
    return told.length === 1 ? [] : [`of ${eventId} ${told.length} ends were told`];
  });
}
