import { systemClock } from '@banyan/core';
import type { PorterApi } from '@banyan/importing';
import {
  type InstanceRow,
  type IntentRow,
  type LinkRow,
  SILENT_MS,
  TABLE,
  type WorkRow,
} from '@banyan/legacy-porter/testing';
import type { MemorySession, Rows } from '@banyan/postgres/testing';
import { OFFSETS, type OffsetInMemory, PARKED, unlikeOf } from '@banyan/sink/testing';

/** The porter's journal as others ask it: at its primary. */
export function porterApiOf(session: MemorySession): PorterApi {
  return {
    links: (entity, by) =>
      session.run('links', (rows) => {
        const links = linksIn(rows).filter((link) => link.entity === entity);
        const asked = links.filter((link) =>
          'keys' in by ? by.keys.includes(link.key) : by.legacyIds.includes(link.legacyId),
        );
        const last = new Map(asked.map((link) => ['keys' in by ? link.key : link.legacyId, link]));
        return [...last.values()].map(({ key, legacyId }) => ({ entity, key, legacyId }));
      }),
    intents: (entity) =>
      session.run('intents', (rows) =>
        rows
          .all<IntentRow>(TABLE.intent)
          .map(([, row]) => row)
          .filter(({ state }) => state !== 'closed')
          .map((row) => ({
            entity,
            key: row.key,
            eventId: row.eventId,
            operation: row.operation,
            highWaterMark: row.highWaterMark,
            state: isInDoubt(rows, row) ? ('in-doubt' as const) : ('open' as const),
            legacyId: row.legacyId,
          })),
      ),
  };
}

function isInDoubt(rows: Rows, intent: IntentRow): boolean {
  const works = rows.all<WorkRow>(TABLE.work).map(([, row]) => row);
  const work = works.find(({ key, version }) => key === intent.key && version === intent.version);
  if (work?.state === 'in-doubt') return true;
  const isAlive = ({ name, incarnation, leftAt, heartbeatAt }: InstanceRow) =>
    name === intent.writer &&
    incarnation === intent.incarnation &&
    leftAt === null &&
    heartbeatAt > systemClock.now() - SILENT_MS;
  return intent.state === 'open' && !rows.all<InstanceRow>(TABLE.instance).some(([, row]) => isAlive(row));
}

/** In the order in which they were written. */
export function linksIn(rows: Pick<Rows, 'all'>): readonly LinkRow[] {
  return rows
    .all<LinkRow>(TABLE.link)
    .map(([, link]) => link)
    .toSorted((a, b) => a.seq - b.seq);
}

/** What legacy does not have yet of what lies before a fence, in words: what `/internal/drained` tells of. */
export function unsettledOf(
  session: MemorySession,
  consumer: string,
  fence: number | undefined,
): Promise<readonly string[]> {
  return session.run('drained', (rows) => {
    const offsets = rows.all<OffsetInMemory>(OFFSETS).map(([, row]) => row);
    const behind = fence === undefined ? [] : offsets.filter(({ authority }) => authority.epoch < fence);
    const works = rows.all<WorkRow>(TABLE.work).map(([, row]) => row);
    // Before the fence only what stands is in the way; what is on its way has until the drain.
    const open = fence === undefined ? works.filter(({ state }) => state !== 'ready') : works;
    const intents = rows.all<IntentRow>(TABLE.intent).filter(([, { state }]) => state !== 'closed');
    const parked = rows.all<{ kind: string }>(PARKED).filter(([, { kind }]) => kind !== 'invalid');
    return [
      ...behind.map(({ partition }) => `partition ${partition} has not come to the fence`),
      ...open.map(({ key, state }) => `${key} is ${state}`),
      ...(fence === undefined ? [] : intents.map(([, { key }]) => `${key} may be at legacy`)),
      ...parked.map(() => 'an event is parked'),
      ...unlikeOf(rows, consumer).map(({ key }) => `${key} is unlike`),
    ];
  });
}
