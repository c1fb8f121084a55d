import { createHttpReader, createSender, type SeenRow } from '@banyan/legacy';
import { InMemoryLegacy } from '@banyan/legacy/testing';
import { type AnyEntity, assignedByLegacy, derivedFrom, type HttpTarget, type LegacyRow } from '@banyan/transformer';
import { type AttemptContext, attempt, type Journal } from '../sending/attempt.js';
import type { Entry } from '../sending/places.js';
import type { HttpSendingPort, Known, SendingPort } from '../sending/sending-port.js';
import type { Attempted, Verdict } from '../sending/verdict.js';
import type { Intent, SendOperation, Work } from '../store/work.js';

export const PATH = '/api/things';
/** The type of the event by which a person gives the whole state of a thing. */
export const RESTATED = 'test.thing.v1.ThingRestated';

/** The state of a thing in these tests; `owner` refers to another entity. */
export interface Thing {
  readonly name: string;
  readonly code?: string;
  readonly owner?: string;
}

type Create = HttpTarget['create'];
const BY_PROBE: Create = {
  deliveryClass: 'probe',
  request: ({ ThingID: _, ...row }) => ({ method: 'POST', path: PATH, body: row }),
  idFromAnswer: (answer) => String((answer as LegacyRow).ThingID),
  probePath: ({ Name }) => `${PATH}?Name=${encodeURIComponent(String(Name))}`,
  isOurs: (candidate, sent, { isAbove }) => isAbove && candidate.Name === sent.Name,
};
const BY_KEY: Create = { deliveryClass: 'idempotent', request: (row) => ({ method: 'POST', path: PATH, body: row }) };

/** @param assigned whether legacy numbers things, or their state has a code */
export function thingEntity(assigned: boolean): AnyEntity {
  return {
    name: 'thing',
    domain: 'test',
    version: 1,
    restated: { type: { name: RESTATED, schema: {} } },
    legacy: {
      identity: assigned ? assignedByLegacy() : derivedFrom((state: Thing) => state.code ?? ''),
      canonicalId: (raw: string) => raw,
      idOf: (row: LegacyRow) => String(row.ThingID),
      reader: {
        sql: { idsAfter: '', rows: '' },
        http: {
          page: (page: number, size: number) => `${PATH}?page=${page}&size=${size}`,
          one: (id: string) => `${PATH}/${id}`,
        },
        canonical: (raw: unknown) => raw as LegacyRow,
      },
    },
  } as unknown as AnyEntity;
}

export function workOf(operation: SendOperation, document: Thing | undefined, version: number): Work {
  return {
    consumer: 'thing.backend',
    key: 'a-key',
    version,
    eventId: `e${version}`,
    eventType: 'Happened',
    operation,
    document,
    stateHash: undefined,
    attempts: 0,
    claim: 'a-claim',
    trace: {},
  };
}

/** One port in memory with everything behind it: a legacy system with faults, and a journal that forgets nothing by itself. */
export class ThingsRig {
  readonly legacy: InMemoryLegacy;
  readonly port: HttpSendingPort;
  readonly journal = new InMemoryJournal();
  lease = true;

  /** @param by how legacy compares: `if-match`, or not at all */
  constructor(kind: 'probe' | 'idempotent' = 'probe', by: 'look' | 'if-match' = 'look') {
    const assigned = kind === 'probe';
    this.legacy = new InMemoryLegacy().addTable(PATH, 'ThingID', { assigned, etags: by === 'if-match' });
    const entity = thingEntity(assigned);
    const target: HttpTarget = {
      create: assigned ? BY_PROBE : BY_KEY,
      update: (id, row) => ({ method: 'PUT', path: `${PATH}/${id}`, body: row }),
      delete: (id) => ({ method: 'DELETE', path: `${PATH}/${id}` }),
      settleAfterMs: 3_000,
      ...(by === 'if-match' ? { ifMatch: true } : { compareAndSetWindow: 'none in memory' }),
    };
    this.port = {
      over: 'http',
      consumer: 'thing.backend',
      entity,
      portOf: () => 'backend',
      sender: createSender(entity.legacy, target, createHttpReader(entity.legacy, this.legacy), this.legacy),
      definition: {
        name: 'backend',
        primary: true,
        refsOf: ({ owner }: Thing) => (owner === undefined ? [] : [{ entity: 'owner', id: owner }]),
        format: ({ name, code, owner }: Thing, { legacyId, legacyIdOf }) => ({
          ThingID: code ?? (legacyId === undefined ? null : Number(legacyId)),
          Name: name,
          ...(owner === undefined ? {} : { OwnerID: legacyIdOf('owner', owner) }),
        }),
        target,
      },
    };
  }

  /** How a send gets its place at legacy. */
  enter: () => Promise<Entry> = async () => 'entered';

  async send(operation: SendOperation, document?: Thing, version = 1): Promise<Attempted> {
    const work = workOf(operation, document, version);
    const { port, journal, enter } = this;
    const context: AttemptContext = { work, port, journal, mayWrite: () => this.lease, enter };
    const attempted = await attempt(context);
    this.journal.settle(attempted.verdict, version);
    return attempted;
  }

  count(method: string): number {
    return this.legacy.executed.filter((request) => request.method === method).length;
  }
}

/** The journal of one key: what `settle` does in PostgreSQL, in a few fields. */
export class InMemoryJournal implements Journal {
  legacyId: string | undefined;
  ported: Known['ported'];
  intent: Intent | undefined;
  /** Whether legacy's longest life of a request is over. */
  settled = false;
  readonly links = new Map<string, string>();
  never: Known['never'] = [];
  linkedElsewhere: ReadonlySet<string> = new Set();
  contested: ReadonlySet<string> = new Set();
  readonly opened: { readonly row: LegacyRow | null; readonly highWaterMark: string | null }[] = [];
  lost = false;

  async load(): Promise<Known> {
    const { legacyId, ported, links, never } = this;
    const intent = this.intent && { ...this.intent, settled: this.settled, settledInMs: this.settled ? 0 : 3_000 };
    return { legacyId, ported, links, never, intent };
  }

  async open(_: Work, sent: { highWaterMark: string | null; row: LegacyRow | null }): Promise<void> {
    if (this.lost) throw Object.assign(new Error('lost'), { code: 'PORTER_CLAIM_LOST' });
    this.opened.push(sent);
    const attempts = this.opened.length;
    const mayHaveArrived = this.intent?.mayHaveArrived ?? false;
    this.intent = { attempt: attempts, mayHaveArrived, settled: false, settledInMs: 0, ...sent };
  }

  async claimants(_work: Work, _port: SendingPort, rows: readonly SeenRow<LegacyRow>[]) {
    const among = (ids: ReadonlySet<string>) =>
      new Set(rows.map(({ legacyId }) => legacyId).filter((id) => ids.has(id)));
    return { linked: among(this.linkedElsewhere), contested: among(this.contested) };
  }

  settle(verdict: Verdict, version: number): void {
    if (verdict.type === 'done') {
      this.legacyId = verdict.legacyId;
      this.ported = { version, hash: verdict.hash, etag: verdict.etag };
    }
    const keeps =
      verdict.type === 'in-doubt' ||
      (verdict.type === 'again' && (verdict.mayHaveArrived || this.intent?.mayHaveArrived));
    this.intent = keeps && this.intent ? { ...this.intent, mayHaveArrived: true } : undefined;
    this.settled = false;
  }
}
