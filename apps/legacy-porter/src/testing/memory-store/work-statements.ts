import { STATES, type StateInMemory, stateKey } from '@banyan/sink/testing';
import { SILENT_MS } from '../../instance/lease-time.js';
import type { NewWork, PortKey, Released, WorkStatements } from '../../store/porter-store.js';
import type { Holder, Work, WorkId } from '../../store/work.js';
import { json, type Place, type Tables, text } from './place.js';
import {
  type InstanceRow,
  type IntentRow,
  isSameWork,
  type LinkRow,
  type PortedTableRow,
  type SwitchRow,
  TABLE,
  type WorkRow,
  workRowId,
} from './rows.js';

const UNCLAIMED = { claimedBy: null, claimedIncarnation: null, claim: null };

export function workStatements(place: Place): WorkStatements {
  const update = (
    what: string,
    isMeant: (row: WorkRow, tables: Tables) => boolean,
    change: (row: WorkRow, tables: Tables) => Partial<WorkRow>,
  ): Promise<readonly WorkRow[]> =>
    place.run(`work: ${what}`, (tables) =>
      tables.update<WorkRow>(
        TABLE.work,
        (row) => isMeant(row, tables),
        (row) => change(row, tables),
      ),
    );
  return {
    addWork: async (work, toldOff) => {
      if (work.length > 0) await place.run('work: add', (tables) => addWork(tables, work, toldOff));
    },
    claimWork: (consumers, holder, limit) =>
      place.run('work: claim', (tables) => claimWork(tables, consumers, holder, limit)),
    lockClaims: async (work) => claimsOf(await update('lock claims', isOneOf(work), () => ({}))),
    finishWork: (work) =>
      place.run('work: finish', (tables) => {
        const isMeant = isOneOf(work);
        const claims = claimsOf(tables.all<WorkRow>(TABLE.work).filter(isMeant));
        tables.delete<WorkRow>(TABLE.work, isMeant);
        return claims;
      }),
    releaseWork: async (work, to) => {
      const released = await update('release', isOneOf([work]), (row, tables) => releasedOf(row, to, tables));
      return released.length > 0;
    },
    freeUnanswered: async (consumers, holder, sending) => {
      await update(
        'free unanswered',
        (row) =>
          consumers.includes(row.consumer) &&
          isOf(row, holder, 'this') &&
          row.claim !== null &&
          !sending.includes(row.claim),
        () => UNCLAIMED,
      );
    },
    freeClaims: async (of, which) => {
      await update(
        `free claims of ${which}`,
        (row) => isOf(row, of, which),
        (_, { begunMs }) => ({ ...UNCLAIMED, notBefore: begunMs }),
      );
    },
    freeAbandoned: async () => (await update('free abandoned', isAbandoned, () => UNCLAIMED)).length,
    readyIfLinked: async (work, awaited) => {
      await update(
        'ready if linked',
        (row, tables) => isSameWork(row, work) && row.state === 'waiting' && isLinked(tables, awaited),
        () => ({ state: 'ready', waitingFor: null }),
      );
    },
    readyWaiting: async (awaited) => {
      await update(
        'ready waiting',
        (row) => row.state === 'waiting' && (row.waitingFor ?? []).some((name) => awaited.includes(name)),
        (_, { begunMs }) => ({ state: 'ready', waitingFor: null, since: begunMs, notBefore: begunMs }),
      );
    },
    recheckWaiting: async () => {
      const ready = await update(
        'recheck waiting',
        (row, tables) => row.state === 'waiting' && waitsForNothing(row, tables),
        (_, { begunMs }) => ({ state: 'ready', notBefore: begunMs }),
      );
      return ready.length;
    },
    readyAgain: async (consumer, key) => {
      const ready = await update(
        'ready again',
        (row) => row.consumer === consumer && row.key === key && (row.state === 'parked' || row.state === 'in-doubt'),
        (_, { begunMs }) => ({
          state: 'ready',
          attempts: 0,
          notBefore: begunMs,
          since: begunMs,
          errorCode: null,
          errorMessage: null,
          legacyStatus: null,
          legacyWords: null,
        }),
      );
      return ready.length;
    },
    readyOvertaken: async (consumer, keys) => {
      await update(
        'ready overtaken',
        (row) => row.consumer === consumer && keys.includes(row.key) && row.state !== 'ready',
        (_, { begunMs }) => ({ state: 'ready', waitingFor: null, notBefore: begunMs }),
      );
    },
    tellOff: async (consumer) => {
      const told = await update(
        'tell off',
        (row) => row.consumer === consumer && !row.toldOff,
        () => ({ toldOff: true }),
      );
      return [...told]
        .sort((a, b) => a.seq - b.seq)
        .map(({ key, version, eventId, trace, operation, stateHash }) => ({
          key,
          version,
          eventId,
          trace,
          operation,
          stateHash,
        }));
    },
  };
}

/** Whether the row is one of these, and still theirs. */
export function isOneOf(work: readonly Work[]): (row: WorkRow) => boolean {
  return (row) => work.some((one) => isSameWork(row, one) && row.claim === one.claim);
}

function claimsOf(rows: readonly WorkRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ claim }) => claim ?? []));
}

function addWork(tables: Tables, work: readonly NewWork[], toldOff: boolean): void {
  const byId = new Map(work.map((one) => [workRowId(one), one]));
  tables.upsert<WorkRow>(TABLE.work, [...byId.keys()], (id, found) => {
    const one = byId.get(id);
    if (found !== undefined || one === undefined) return undefined;
    return { ...newRow(tables, one), toldOff };
  });
}

/** As it is when it is added. */
export function newRow(tables: Tables, one: NewWork): WorkRow {
  return {
    seq: tables.rows.nextNumber('work'),
    consumer: one.consumer,
    key: one.key,
    version: one.version,
    eventId: text(one.eventId),
    eventType: text(one.eventType),
    trace: json(one.trace),
    operation: one.operation,
    document: one.document === undefined ? null : json(one.document),
    stateHash: one.stateHash ?? null,
    state: one.parked === undefined ? 'ready' : 'parked',
    waitingFor: null,
    errorCode: one.parked?.code ?? null,
    errorMessage: one.parked?.message ?? null,
    since: tables.begunMs,
    attempts: 0,
    notBefore: tables.begunMs,
    ...UNCLAIMED,
    toldOff: false,
    legacyStatus: null,
    legacyWords: null,
    rePort: undefined,
  };
}

function claimWork(tables: Tables, consumers: readonly string[], holder: Holder, limit: number): readonly Work[] {
  const all = tables.all<WorkRow>(TABLE.work);
  const isOff = (consumer: string) => tables.get<SwitchRow>(TABLE.switch, consumer)?.mode === 'off';
  const isDue = (row: WorkRow) =>
    row.state === 'ready' &&
    row.claimedBy === null &&
    row.notBefore <= tables.begunMs &&
    consumers.includes(row.consumer);
  const isFirst = (row: WorkRow) =>
    !all.some((other) => other.consumer === row.consumer && other.key === row.key && other.version < row.version);
  const due: WorkRow[] = [];
  const first = all.filter((row) => isDue(row) && !isOff(row.consumer) && isFirst(row)).sort((a, b) => a.seq - b.seq);
  for (const row of first) {
    if (due.length === limit) break;
    if (tables.rows.tryLock(`${TABLE.work} ${workRowId(row)}`)) due.push(row);
  }
  return due.map((row) => {
    const claim = `claim-${tables.rows.nextNumber('claim')}`;
    const operation = operationOf(tables, row);
    tables.rows.put(TABLE.work, workRowId(row), {
      ...row,
      operation,
      claimedBy: holder.name,
      claimedIncarnation: holder.incarnation,
      claim,
    });
    return {
      consumer: row.consumer,
      key: row.key,
      version: row.version,
      eventId: row.eventId,
      eventType: row.eventType,
      trace: row.trace,
      operation,
      document: row.document ?? undefined,
      stateHash: row.stateHash ?? undefined,
      attempts: row.attempts,
      claim,
      rePort: row.rePort,
    };
  });
}

/** What was under way when its re-port was asked for may have made the row since. */
function operationOf(tables: Tables, { consumer, key, operation, rePort }: WorkRow): WorkRow['operation'] {
  if (rePort !== 'added' || operation === 'delete') return operation;
  const hash = tables.get<PortedTableRow>(TABLE.ported, `${consumer} ${key}`)?.hash ?? null;
  return hash === null ? 'create' : 'update';
}

function releasedOf(row: WorkRow, to: Released, { begunMs, nowMs }: Tables): Partial<WorkRow> {
  return {
    ...UNCLAIMED,
    attempts: row.attempts + 1,
    since: row.state === to.state ? row.since : begunMs,
    state: to.state,
    waitingFor: to.waitingFor ?? null,
    errorCode: to.code ?? null,
    errorMessage: text(to.message ?? null),
    notBefore: nowMs + (to.afterMs ?? 0),
    legacyStatus: to.refusal?.status ?? null,
    legacyWords: text(to.refusal?.words ?? null),
  };
}

function isOf(row: WorkRow, { name, incarnation }: Holder, which: 'this' | 'earlier'): boolean {
  if (row.claimedBy !== name || row.claimedIncarnation === null) return false;
  return which === 'this' ? row.claimedIncarnation === incarnation : row.claimedIncarnation < incarnation;
}

function isAbandoned(row: WorkRow, tables: Tables): boolean {
  const holder = row.claimedBy === null ? undefined : tables.get<InstanceRow>(TABLE.instance, row.claimedBy);
  if (holder === undefined || holder.heartbeatAt >= tables.begunMs - SILENT_MS) return false;
  return tables.get<IntentRow>(TABLE.intent, workRowId(row))?.state !== 'open';
}

function isLinked(tables: Tables, awaited: readonly PortKey[]): boolean {
  return tables
    .all<LinkRow>(TABLE.link)
    .some((link) =>
      awaited.some(({ entity, port, key }) => link.entity === entity && link.port === port && link.key === key),
    );
}

/** One of what it waits for is there, or can never come. */
function waitsForNothing(row: WorkRow, tables: Tables): boolean {
  return (row.waitingFor ?? []).some((name) => {
    const [consumer = '', key = ''] = name.split(':');
    const [entity = '', port = ''] = consumer.split('.');
    return isLinked(tables, [{ entity, port, key }]) || isGone(tables, consumer, key);
  });
}

/** Deleted, and nothing of it is left to send. */
export function isGone(tables: Tables, consumer: string, key: string): boolean {
  const isDeleted = tables.get<StateInMemory>(STATES, stateKey(consumer, key))?.state.keyState.liveness === 'deleted';
  const isLeft = (row: Pick<WorkId, 'consumer' | 'key'>) => row.consumer === consumer && row.key === key;
  return isDeleted && !tables.all<WorkRow>(TABLE.work).some(isLeft);
}
