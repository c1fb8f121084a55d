import { BanyanError } from '@banyan/core';
import { NO_STATE } from '@banyan/postgres';
import { tryApply } from './apply.js';
import { tallyOf } from './books.js';
import type { Word } from './repair-store.js';
import { type Replayed, readParked, replayKey, replayRound } from './replay.js';
import { type ParkedItem, replayParked, stateAfter } from './replay-parked.js';
import type { SinkOptions } from './sink-options.js';
import type { SinkTx } from './sink-store.js';

/** Which effect is given up. */
export interface DiscardOrder extends Word {
  readonly key: string;
  /** The event that stands: another one may, by the time this arrives. */
  readonly eventId: string;
}

/**
 * Drops the effect that its key stands behind, for good: its state has evolved, its rows (or its work) are never written. The key is marked
 * unlike, and what waited goes on in order. Throws `SINK_NOT_STANDING` when another event stands, or none, and `SINK_STATE_NOT_DISCARDED`
 * when it is the state that stands: later events were decided on it, so it cannot be left out.
 *
 * The key is replayed first, as far as it goes: where several effects of a slice were withheld together the first has the reason, whichever
 * it was that failed, and one that can be written must not be dropped for it.
 */
export async function discardParked<Tx>(
  options: SinkOptions<Tx>,
  types: ReadonlySet<string>,
  order: DiscardOrder,
): Promise<Replayed> {
  const { key } = order;
  const before = await replayKey(options, types, key);
  // Decoded before the lock is taken, as for a replay.
  const items = await readParked(options, types, key);
  const partition = items[0]?.record.partition;
  if (partition === undefined) throw notStanding(options, order, undefined);
  const round = await options.store.transaction(async (tx) => {
    const next = await tx.lockPosition(partition);
    const [head, ...rest] = await discardHead(tx, options, order, items);
    const dropped = tallyOf(head.change.outcome === 'effective' ? { discarded: 1 } : {});
    await tx.notifyPosition(partition, next, dropped);
    if (rest.length > 0) return replayRound(tx, options, key, rest);
    const state = (await tx.readStates([key])).get(key) ?? NO_STATE;
    const left = (await tx.loadParked(key)).map(({ kind }) => kind);
    await tx.saveStates(new Map([[key, stateAfter(state, left)]]));
    return { done: 0, left: left.length, error: undefined };
  });
  const replayed = before.replayed + round.done;
  if (round.error !== undefined) {
    const { code, message } = round.error;
    return { replayed, waiting: round.left, error: { code, message } };
  }
  if (round.left === 0) return { replayed, waiting: 0 };
  // More was parked between the look and the lock.
  const further = await replayKey(options, types, key);
  return { ...further, replayed: further.replayed + replayed };
}

/** Behind the lock: what stands now is what was meant. Answers it, and what waited behind it when it was read. */
async function discardHead<Tx>(
  tx: SinkTx<Tx>,
  options: SinkOptions<Tx>,
  order: DiscardOrder,
  items: readonly ParkedItem[],
): Promise<readonly [head: ParkedItem, ...rest: ParkedItem[]]> {
  const { key, by, reason } = order;
  const [standing] = await tx.loadParked(key);
  const head = items.find(({ id }) => id === standing?.id);
  if (standing === undefined || head === undefined || eventIdOf(head) !== order.eventId)
    throw notStanding(
      options,
      order,
      items.find(({ id }) => id === standing?.id),
    );
  if (standing.kind === 'state') throw stateStands(options, key);
  const rest = items.filter(({ record }) => record.offset > head.record.offset);
  await tx.discardParked(head.id, { by, reason });
  await tx.markUnlike({ key, version: head.change.version, by, reason });
  await remembered(tx, options, head, order);
  return [head, ...rest];
}

/** What cannot be kept, since it is what the store refused, goes with the effect. */
async function remembered<Tx>(
  tx: SinkTx<Tx>,
  { entity, remember }: SinkOptions<Tx>,
  head: ParkedItem,
  { key, by, reason }: DiscardOrder,
): Promise<void> {
  if (remember === undefined) return;
  const { changes } = replayParked(entity, key, NO_STATE, [head]);
  await tryApply(
    (handle, its) => remember(handle, its, { by, reason }),
    tx,
    changes.map(({ change }) => change),
  );
}

function eventIdOf({ kind }: ParkedItem): string | undefined {
  return kind.type === 'event' ? kind.headers.id : undefined;
}

function notStanding<Tx>(
  { entity }: SinkOptions<Tx>,
  { key, eventId }: DiscardOrder,
  standing: ParkedItem | undefined,
): BanyanError {
  const now = standing === undefined ? 'it stands behind none' : `it stands behind ${eventIdOf(standing)}`;
  return new BanyanError(
    'SINK_NOT_STANDING',
    `${entity.name} ${key} does not stand behind event ${eventId}: tried again, ${now}. Look again: \`banyan parked list\`.`,
    { data: { entity: entity.name, key, eventId } },
  );
}

function stateStands<Tx>({ entity: { name } }: SinkOptions<Tx>, key: string): BanyanError {
  return new BanyanError(
    'SINK_STATE_NOT_DISCARDED',
    `${name} ${key} stands by its state, and every later event was decided on it: nothing of it can be left out. Ways on, in this order: mend the code, then \`banyan parked replay ${name} ${key}\`; for a key of legacy a later import of the whole state (\`banyan backfill\`); for a key of V2 \`banyan restate ${name} ${key}\`.`,
    { data: { entity: name, key } },
  );
}
