import { OFFSETS, type OffsetInMemory } from '@banyan/sink/testing';
import type { RebuildStatements } from '../../store/porter-store.js';
import type { Place, Tables } from './place.js';
import {
  type IntentRow,
  isSameWork,
  type LinkRow,
  type OffsetsRow,
  type PortedTableRow,
  TABLE,
  type WorkRow,
  workRowId,
} from './rows.js';

export function rebuildStatements(place: Place): RebuildStatements {
  return {
    receiptsRead: (consumers) =>
      place.run('receipts read: read', (tables) => offsetsIn(tables, TABLE.receiptsRead, consumers)),
    saveReceiptsRead: (consumer, next) =>
      place.run('receipts read: save', (tables) => saveOffsets(tables, TABLE.receiptsRead, consumer, next)),
    mixed: (consumers) => place.run('mixed', (tables) => consumers.filter((consumer) => isMixed(tables, consumer))),

    markRestored: async (consumer, keys) => {
      const versions = new Map(keys.map(({ key, version }) => [key, version]));
      await place.run('ported: restored', (tables) =>
        tables.update<PortedTableRow>(
          TABLE.ported,
          (row) => row.consumer === consumer && versions.has(row.key),
          (row) => ({ restored: Math.max(row.restored ?? 0, versions.get(row.key) ?? 0) }),
        ),
      );
    },

    restoredVersions: (consumer, keys) =>
      place.run('restored versions', (tables) => {
        const found = keys.map((key) => tables.get<PortedTableRow>(TABLE.ported, `${consumer} ${key}`));
        return new Map(found.flatMap((row) => (row?.restored === undefined ? [] : [[row.key, row.restored] as const])));
      }),

    dropRestored: (consumer, upTo) =>
      place.run('drop restored', (tables) => {
        const versions = new Map(upTo.map(({ key, version }) => [key, version]));
        const isDone = ({ consumer: of, key, version }: WorkRow) =>
          of === consumer && version <= (versions.get(key) ?? 0);
        const done = tables.all<WorkRow>(TABLE.work).filter(isDone);
        tables.delete<IntentRow>(TABLE.intent, (intent) => done.some((work) => isSameWork(intent, work)));
        tables.delete<WorkRow>(TABLE.work, isDone);
      }),

    doubtSends: (consumer, writer, keys) =>
      place.run('intent: doubt sends', (tables) => {
        const due = tables
          .all<WorkRow>(TABLE.work)
          .filter((row) => row.consumer === consumer)
          .filter(({ key }) => keys === undefined || keys.includes(key))
          .filter((row) => tables.get<IntentRow>(TABLE.intent, workRowId(row)) === undefined);
        const byId = new Map(due.map((row) => [workRowId(row), row]));
        tables.upsert<IntentRow>(TABLE.intent, [...byId.keys()], (id, found) => {
          const row = byId.get(id);
          return found !== undefined || row === undefined ? undefined : doubted(row, writer, tables.nowMs);
        });
        return due.length;
      }),

    saveLostPast: (consumer, until) =>
      place.run('lost past: save', (tables) => saveOffsets(tables, TABLE.lostPast, consumer, until)),
    lostPasts: (consumers) => place.run('lost past: read', (tables) => offsetsIn(tables, TABLE.lostPast, consumers)),
    isBehindLostPast: (consumer) =>
      place.run('behind lost past', (tables) =>
        tables
          .all<OffsetsRow>(TABLE.lostPast)
          .some((row) => row.consumer === consumer && takenIn(tables, row) < row.at),
      ),
  };
}

function doubted({ consumer, key, version, eventId, operation }: WorkRow, writer: string, nowMs: number): IntentRow {
  return {
    consumer,
    key,
    version,
    eventId,
    operation,
    attempt: 0,
    writer,
    incarnation: 0,
    state: 'unclear',
    mayHaveArrived: true,
    highWaterMark: null,
    legacyId: null,
    legacyRow: null,
    sentAt: nowMs,
    settleFrom: nowMs,
    closedAt: null,
    outcome: null,
  };
}

function isMixed(tables: Tables, consumer: string): boolean {
  const begins = tables.all<OffsetInMemory>(OFFSETS).every((row) => row.consumer !== consumer || row.nextOffset === 0n);
  const its = (row: { readonly consumer: string }) => row.consumer === consumer;
  return (
    begins &&
    (tables.all<WorkRow>(TABLE.work).some(its) ||
      tables.all<IntentRow>(TABLE.intent).some(its) ||
      tables.all<PortedTableRow>(TABLE.ported).some(its) ||
      tables.all<LinkRow>(TABLE.link).some(({ entity, port }) => `${entity}.${port}` === consumer))
  );
}

function takenIn(tables: Tables, { consumer, partition }: OffsetsRow): bigint {
  const row = tables
    .all<OffsetInMemory>(OFFSETS)
    .find((one) => one.consumer === consumer && one.partition === partition);
  return row?.nextOffset ?? 0n;
}

function offsetsIn(
  tables: Tables,
  table: string,
  consumers: readonly string[],
): ReadonlyMap<string, ReadonlyMap<number, bigint>> {
  const rows = tables.all<OffsetsRow>(table).filter(({ consumer }) => consumers.includes(consumer));
  return new Map(
    [...Map.groupBy(rows, ({ consumer }) => consumer)].map(([consumer, its]) => [
      consumer,
      new Map(its.map(({ partition, at }) => [partition, at])),
    ]),
  );
}

function saveOffsets(tables: Tables, table: string, consumer: string, at: ReadonlyMap<number, bigint>): void {
  const byId = new Map([...at].map(([partition, offset]) => [`${consumer} ${partition}`, { partition, at: offset }]));
  tables.upsert<OffsetsRow>(table, [...byId.keys()], (id, found) => {
    const row = byId.get(id);
    return row === undefined || (found !== undefined && found.at >= row.at) ? undefined : { consumer, ...row };
  });
}
