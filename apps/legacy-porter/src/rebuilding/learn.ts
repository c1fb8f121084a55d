import type { EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import type { UnlikeMark } from '@banyan/sink';
import { wordIn } from '../repairs/send-receipt.js';
import { writeLinks } from '../store/links.js';
import { latestPorted, type Ported, type PortedRow } from '../store/ported.js';
import type { PorterStatements } from '../store/porter-store.js';
import type { DiscardedSend } from '../store/repairs.js';

/** Stands for the hash of a row that a receipt of an earlier version does not tell: the next change of it is held, for a person to see. */
export const ROW_NOT_TOLD = 'a row that its receipt does not tell';

export interface Learner {
  /** `order.backend` */
  readonly consumer: string;
  readonly entity: string;
  readonly port: string;
  /** Whose links are the entity's. */
  readonly primary: boolean;
}

/** What is learned of a receipt. */
export type Told = Pick<
  EventHandledData,
  | 'entity'
  | 'key'
  | 'port'
  | 'eventId'
  | 'outcome'
  | 'version'
  | 'operation'
  | 'legacyId'
  | 'rowHash'
  | 'whole'
  | 'reason'
>;

/**
 * Takes over what receipts say of one port and the store does not know: the link, the row last ported, and that nothing up to that
 * version is to be sent; that a person has given a send up, and whether that was made good since. A database that lost nothing knows all of
 * it, since a receipt is noted in the transaction that makes it true. Repeatable. Answers how many were new.
 * @param receipts in log order
 */
export async function learn(tx: PorterStatements, learner: Learner, receipts: readonly Told[]): Promise<number> {
  const { consumer, entity, port } = learner;
  const its = receipts.filter((one) => one.entity === entity && one.port === port);
  const keys = [...new Set(its.filter((one) => tellsOfRow(one) || isDiscard(one)).map(({ key }) => key))];
  if (keys.length === 0) return 0;
  const known = await tx.readPorted(consumer, keys);
  const discarded = await tx.discarded(consumer, keys);
  const news = its.filter((one) =>
    isDiscard(one) ? !discarded.some((send) => isSame(send, one)) : tellsOfRow(one) && isNew(one, known.get(one.key)),
  );
  await learnRows(tx, learner, news.filter(tellsOfRow));
  await learnDiscards(tx, consumer, its, new Set(news));
  return news.length;
}

/** One that was sent once more and found legacy as it shall be names its row too. */
function tellsOfRow({ outcome, legacyId }: Told): boolean {
  return outcome === 'ported' || (outcome === 'skipped' && legacyId !== null);
}

function isDiscard({ outcome }: Told): boolean {
  return outcome === 'discarded';
}

function isSame(send: DiscardedSend, { key, version }: Told): boolean {
  return send.key === key && send.version === version;
}

/** What was sent once more may be of the very version that is known, with another row. */
function isNew(told: Told, known: PortedRow | undefined): boolean {
  if (known === undefined || told.version > known.version) return true;
  const hash = hashOf(told);
  return (
    told.whole &&
    told.version === known.version &&
    hash !== ROW_NOT_TOLD &&
    hash !== known.hash &&
    !known.earlier.includes(hash)
  );
}

async function learnRows(
  tx: PorterStatements,
  { consumer, entity, port, primary }: Learner,
  news: readonly Told[],
): Promise<void> {
  if (news.length === 0) return;
  if (primary) {
    await writeLinks(
      tx,
      news.flatMap(({ key, legacyId, operation }) =>
        legacyId === null || operation === 'delete' ? [] : [{ entity, port, key, legacyId }],
      ),
    );
  }
  // One row of a key at a time: each pushes the one before it to the rows that legacy had by us.
  for (const wave of wavesOf(news)) {
    await tx.savePorted(latestPorted(wave.map((one) => rowOf(consumer, one))));
  }
  const upTo = [...latestVersions(news)].map(([key, version]) => ({ key, version }));
  await tx.markRestored(consumer, upTo);
  // Of a database that was put back: what is due there was sent since.
  await tx.dropRestored(consumer, upTo);
}

/**
 * What a person gave up is not sent, and its key is unlike, until a receipt behind it says that legacy has the whole state.
 * @param its in log order, what is known too: of a doubt whether it is made good the mark stays, and costs one more re-port
 */
async function learnDiscards(
  tx: PorterStatements,
  consumer: string,
  its: readonly Told[],
  news: ReadonlySet<Told>,
): Promise<void> {
  const marks = new Map<string, UnlikeMark>();
  const whole = new Map<string, number>();
  for (const told of its) {
    const { key, version, eventId, reason } = told;
    if (told.whole) {
      if ((marks.get(key)?.version ?? 0) <= version) marks.delete(key);
      if (news.has(told)) whole.set(key, Math.max(version, whole.get(key) ?? 0));
    }
    if (!isDiscard(told) || !news.has(told)) continue;
    const word = wordIn(reason);
    await tx.discardWork({ consumer, key, version, eventId }, word);
    marks.set(key, { key, version, ...word });
  }
  await tx.closeUnlike(consumer, whole);
  for (const mark of marks.values()) await tx.markUnlike(consumer, mark);
}

function rowOf(consumer: string, told: Told): Ported {
  const { key, version, operation, whole } = told;
  return { consumer, key, version, hash: hashOf(told), created: operation === 'create', again: whole };
}

function hashOf({ operation, rowHash }: Told): string | null {
  return operation === 'delete' ? null : (rowHash ?? ROW_NOT_TOLD);
}

function wavesOf<T extends { readonly key: string }>(all: readonly T[]): readonly (readonly T[])[] {
  const waves: T[][] = [];
  const turns = new Map<string, number>();
  for (const one of all) {
    const turn = turns.get(one.key) ?? 0;
    turns.set(one.key, turn + 1);
    const wave = waves[turn] ?? [];
    waves[turn] = [...wave, one];
  }
  return waves;
}

function latestVersions(all: readonly { readonly key: string; readonly version: number }[]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { key, version } of all) latest.set(key, Math.max(version, latest.get(key) ?? 0));
  return latest;
}
