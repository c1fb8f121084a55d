import type { EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { writeLinks } from '../store/links.js';
import { latestPorted, type Ported } from '../store/ported.js';
import type { PorterStatements } from '../store/porter-store.js';

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
  'entity' | 'key' | 'port' | 'outcome' | 'version' | 'operation' | 'legacyId' | 'rowHash'
>;

/**
 * Takes over what receipts say of one port and the store does not know: the link, the row last ported, and that nothing up to that
 * version is to be sent. A database that lost nothing knows all of it, since a receipt is noted in the transaction that makes it true.
 * Repeatable. Answers how many were new.
 * @param receipts in log order
 */
export async function learn(tx: PorterStatements, learner: Learner, receipts: readonly Told[]): Promise<number> {
  const { consumer, entity, port, primary } = learner;
  const ported = receipts.filter((one) => one.entity === entity && one.port === port && one.outcome === 'ported');
  if (ported.length === 0) return 0;
  const known = await tx.readPorted(consumer, [...new Set(ported.map(({ key }) => key))]);
  const news = ported.filter(({ key, version }) => version > (known.get(key)?.version ?? 0));
  if (news.length === 0) return 0;
  if (primary) {
    await writeLinks(
      tx,
      news.flatMap(({ key, legacyId, operation }) =>
        legacyId === null || operation === 'delete' ? [] : [{ entity, port, key, legacyId }],
      ),
    );
  }
  // One row of a key at a time: each pushes the one before it to the rows that legacy had by us.
  for (const wave of wavesOf(news)) await tx.savePorted(latestPorted(wave.map((one) => rowOf(consumer, one))));
  await tx.markRestored(
    consumer,
    [...latestVersions(news)].map(([key, version]) => ({ key, version })),
  );
  return news.length;
}

function rowOf(consumer: string, { key, version, operation, rowHash }: Told): Ported {
  const hash = operation === 'delete' ? null : (rowHash ?? ROW_NOT_TOLD);
  return { consumer, key, version, hash, created: operation === 'create' };
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
