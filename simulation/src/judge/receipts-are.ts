import { HEADER, RECEIPTS_TOPIC } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { isImportOrigin } from '@banyan/core';
import { CLOSED, type ClosedInMemory } from '@banyan/sink/testing';
import { RE_SENT, type ReSent } from '../world/chains.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';

/** Outcomes behind which nothing comes. */
const FINAL = new Set(['ported', 'skipped', 'discarded']);

/**
 * The porter has told of each native event that took effect how it ended, once, however often that was written, and once more for each time that
 * its state was sent again: a receipt that was told before
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
  const again = new Map(world.porter.committed<ReSent>(RE_SENT).map(([, { eventId, times }]) => [eventId, times]));
  // Of what a whole state passed that one tells: legacy has it with that one's row.
  const closed = world.porter.committed<ClosedInMemory>(CLOSED).map(([, row]) => row);
  const passed = new Set(
    closed.flatMap(({ kind, eventId }) => (kind === 'state' && eventId !== null ? [eventId] : [])),
  );
  return [...new Set([...effective.keys(), ...ended.keys()])].flatMap((eventId) => {
    const told = ended.get(eventId) ?? [];
    if (!effective.has(eventId)) return [`${eventId} took no effect, and was told to be ${told[0]?.outcome}`];
    const ends = (passed.has(eventId) ? 0 : 1) + (again.get(eventId) ?? 0);
    return told.length === ends ? [] : [`of ${eventId} ${told.length} ends were told, and ${ends} were`];
  });
}
