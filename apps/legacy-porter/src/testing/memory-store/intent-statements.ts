import type { LastPorted } from '../../sending/sending-port.js';
import type { IntentStatements, OpenedSend, SendRead, SendToRead } from '../../store/porter-store.js';
import type { Holder, Intent } from '../../store/work.js';
import { latestLink } from './link-statements.js';
import { json, type Place, type Tables, text } from './place.js';
import { type IntentRow, isSameWork, type PortedTableRow, TABLE, type WorkRow, workRowId } from './rows.js';
import { isOneOf } from './work-statements.js';

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
    openIntents: (holder, sends) => place.run('intent: open', (tables) => openIntents(tables, holder, sends)),
    readSends: (sends) => place.run('read sends', (tables) => sends.map((send) => readSend(tables, send))),

    otherCreates: ({ consumer, key }) =>
      place.run('intent: other creates', (tables) =>
        tables
          .all<IntentRow>(TABLE.intent)
          .filter((row) => row.consumer === consumer && row.operation === 'create' && row.key !== key)
          .filter((row) => row.state === 'open' || (row.state === 'unclear' && row.key < key))
          .map((row) => ({ key: row.key, highWaterMark: row.highWaterMark, row: row.legacyRow })),
      ),

    closeIntents: async (closed) => {
      const closedOf = (row: IntentRow) => closed.find(({ work }) => isSameWork(row, work));
      await update(
        'close',
        (row) => closedOf(row) !== undefined,
        (row, { begunMs }) => {
          const { outcome = null, legacyId } = closedOf(row) ?? {};
          return { state: 'closed', closedAt: begunMs, outcome, legacyId: text(legacyId ?? row.legacyId) };
        },
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

function openIntents(tables: Tables, holder: Holder, sends: readonly OpenedSend[]): ReadonlySet<string> {
  const held = tables.update<WorkRow>(TABLE.work, isOneOf(sends.map(({ work }) => work)), () => ({}));
  const byId = new Map(sends.map((send) => [workRowId(send.work), send]));
  tables.upsert<IntentRow>(
    TABLE.intent,
    held.map((row) => workRowId(row)),
    (id, found) => {
      const send = byId.get(id);
      return send === undefined ? undefined : openIntent(tables, holder, send, found);
    },
  );
  return new Set(held.flatMap(({ claim }) => claim ?? []));
}

function openIntent(
  { nowMs }: Tables,
  holder: Holder,
  { work, sent }: OpenedSend,
  found: IntentRow | undefined,
): IntentRow {
  return {
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
    sentAt: nowMs,
    settleFrom: found?.settleFrom ?? null,
    closedAt: found?.closedAt ?? null,
    outcome: found?.outcome ?? null,
  };
}

function readSend(tables: Tables, { work, entity, port, settleAfterMs }: SendToRead): SendRead {
  const ported = tables.get<PortedTableRow>(TABLE.ported, `${work.consumer} ${work.key}`);
  const intent = tables.get<IntentRow>(TABLE.intent, workRowId(work));
  return {
    legacyId: latestLink(tables, { entity, port, key: work.key })?.legacyId,
    ported: ported === undefined ? undefined : portedOf(ported),
    intent: intent === undefined || intent.state === 'closed' ? undefined : toIntent(intent, settleAfterMs, tables),
  };
}

function portedOf({ version, hash, etag }: PortedTableRow): LastPorted {
  return { version, hash, etag: etag ?? undefined };
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
