import type { IntentStatements, SendRead, SentRow } from '../../store/porter-store.js';
import type { Holder, Intent, Work, WorkId } from '../../store/work.js';
import { latestLink } from './link-statements.js';
import { json, type Place, type Tables, text } from './place.js';
import { type IntentRow, isSameWork, type PortedTableRow, TABLE, workRowId } from './rows.js';

const DAY_MS = 86_400_000;

export function intentStatements(place: Place): IntentStatements {
  const update = (
    what: string,
    isMeant: (row: IntentRow) => boolean,
    change: (row: IntentRow, tables: Tables) => Partial<IntentRow>,
  ): Promise<readonly IntentRow[]> =>
    place.run(`intent: ${what}`, (tables) =>
      tables.update<IntentRow>(TABLE.intent, isMeant, (row) => change(row, tables)),
    );
  return {
    openIntent: (work, holder, sent) => place.run('intent: open', (tables) => openIntent(tables, work, holder, sent)),
    readSend: (work, of) => place.run('read send', (tables) => readSend(tables, work, of)),

    otherCreates: ({ consumer, key }) =>
      place.run('intent: other creates', (tables) =>
        tables
          .all<IntentRow>(TABLE.intent)
          .filter((row) => row.consumer === consumer && row.operation === 'create' && row.key !== key)
          .filter((row) => row.state === 'open' || (row.state === 'unclear' && row.key < key))
          .map((row) => ({ key: row.key, highWaterMark: row.highWaterMark, row: row.legacyRow })),
      ),

    closeIntent: async (work, outcome, legacyId) => {
      await update(
        'close',
        (row) => isSameWork(row, work),
        (row, { begunMs }) => ({ state: 'closed', closedAt: begunMs, outcome, legacyId: legacyId ?? row.legacyId }),
      );
    },
    dropIntent: async (work, which) => {
      await place.run(`intent: drop ${which}`, (tables) =>
        tables.delete<IntentRow>(
          TABLE.intent,
          (row) => isSameWork(row, work) && (which === 'any' || !row.mayHaveArrived),
        ),
      );
    },
    openToUnclear: async (work) => {
      await update(
        'open to unclear',
        (row) => isSameWork(row, work) && row.state === 'open',
        () => ({ state: 'unclear' }),
      );
    },
    intentArrived: async (work) => {
      await update(
        'arrived',
        (row) => isSameWork(row, work),
        (_, { nowMs }) => ({ state: 'unclear', mayHaveArrived: true, settleFrom: nowMs }),
      );
    },
    intentsArrived: async ({ name, incarnation }, which, aliveUntil) => {
      const from = aliveUntil === null ? Number.NEGATIVE_INFINITY : Date.parse(aliveUntil);
      const arrived = await update(
        `arrived of ${which}`,
        (row) =>
          row.state === 'open' &&
          row.writer === name &&
          (which === 'this' ? row.incarnation === incarnation : row.incarnation < incarnation),
        (_, { nowMs }) => ({ state: 'unclear', mayHaveArrived: true, settleFrom: Math.max(nowMs, from) }),
      );
      return arrived.length;
    },
    forgetClosedIntents: async (olderThanDays) => {
      await place.run('intent: forget closed', (tables) =>
        tables.delete<IntentRow>(
          TABLE.intent,
          ({ state, closedAt }) =>
            state === 'closed' && closedAt !== null && closedAt < tables.begunMs - olderThanDays * DAY_MS,
        ),
      );
    },
  };
}

function openIntent(tables: Tables, work: Work, holder: Holder, sent: SentRow): void {
  tables.upsert<IntentRow>(TABLE.intent, [workRowId(work)], (_, found) => ({
    consumer: work.consumer,
    key: work.key,
    version: work.version,
    eventId: found?.eventId ?? work.eventId,
    operation: found?.operation ?? work.operation,
    attempt: (found?.attempt ?? 0) + 1,
    writer: holder.name,
    incarnation: holder.incarnation,
    state: 'open',
    mayHaveArrived: found?.mayHaveArrived ?? false,
    highWaterMark: text(sent.highWaterMark),
    legacyId: text(sent.legacyId ?? null),
    legacyRow: json(sent.row),
    sentAt: tables.nowMs,
    settleFrom: found?.settleFrom ?? null,
    closedAt: found?.closedAt ?? null,
    outcome: found?.outcome ?? null,
  }));
}

function readSend(
  tables: Tables,
  work: WorkId,
  of: { readonly entity: string; readonly port: string; readonly settleAfterMs: number },
): SendRead {
  const ported = tables.get<PortedTableRow>(TABLE.ported, `${work.consumer} ${work.key}`);
  const intent = tables.get<IntentRow>(TABLE.intent, workRowId(work));
  return {
    legacyId: latestLink(tables, { ...of, key: work.key })?.legacyId,
    ported: ported === undefined ? undefined : { version: ported.version, hash: ported.hash },
    intent: intent === undefined || intent.state === 'closed' ? undefined : toIntent(intent, of.settleAfterMs, tables),
  };
}

function toIntent(row: IntentRow, settleAfterMs: number, { nowMs }: Tables): Intent {
  const settledInMs = row.settleFrom === null ? 0 : Math.max(0, Math.ceil(row.settleFrom - nowMs + settleAfterMs));
  return {
    attempt: row.attempt,
    mayHaveArrived: row.mayHaveArrived,
    highWaterMark: row.highWaterMark,
    row: row.legacyRow,
    settledInMs,
    settled: settledInMs === 0,
  };
}
