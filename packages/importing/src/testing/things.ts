import type { EventType, LogRecord } from '@banyan/contracts';
import { readKind } from '@banyan/contracts';
import { BanyanError, FIRST_AUTHORITY, fold, foldMarker, type KeyState, NEVER_SEEN } from '@banyan/core';
import type { InMemoryEventLog } from '@banyan/kafka/testing';
import type { LegacyReader } from '@banyan/legacy';
import type { Link } from '@banyan/postgres';
import {
  type AnyEntity,
  assignedByLegacy,
  defineEntity,
  derivedFrom,
  type LegacyRow,
  UnmappableRow,
} from '@banyan/transformer';
import type { LinksBy, OpenIntent, PorterApi } from '../porter-client.js';
import type { Authorities, StateObserver } from '../state-observer.js';

/** The smallest entity there is, and small twins of what an importer talks to. */
export interface ThingRow extends LegacyRow {
  readonly Id: string;
  readonly Name: string;
  /** Another thing. */
  readonly Parent: string | null;
}

interface Thing {
  readonly name: string;
  readonly parentId: string | null;
}

type ThingEvent =
  | { readonly type: 'test.thing.v1.ThingImported'; readonly data: Thing & { readonly legacyId: string } }
  | { readonly type: 'test.thing.v1.ThingVanished'; readonly data: { readonly legacyId: string } };

const eventType = (name: string): EventType => ({ name: `test.thing.v1.${name}`, schema: {} });

/** Legacy assigns its ids. */
export const thing: AnyEntity = defineEntity<Thing, ThingEvent, ThingRow>({
  name: 'thing',
  domain: 'test',
  version: 1,
  events: [eventType('ThingImported'), eventType('ThingVanished')],
  evolve: (_state, event) =>
    event.type === 'test.thing.v1.ThingImported' ? { name: event.data.name, parentId: event.data.parentId } : undefined,
  commands: [],
  queries: [],
  projections: [],
  migrations: [],
  legacy: {
    identity: assignedByLegacy(),
    canonicalId: (raw) => {
      const id = raw.trim();
      if (id !== '') return id;
      throw new BanyanError('TRANSFORMER_LEGACY_ID_INVALID', 'A thing has an id.');
    },
    idOf: (row) => row.Id,
    reader: {
      sql: { idsAfter: '', rows: '' },
      http: { page: () => '/', one: () => '/' },
      canonical: (raw) => raw as ThingRow,
    },
    refsOfRow: (row) => (row.Parent === null ? [] : [{ entity: 'thing', legacyId: row.Parent }]),
    importRow: (row, context) => {
      if (row.Name === '') throw new UnmappableRow('Name', row.Name, 'a thing has a name');
      const parentId = row.Parent === null ? null : context.idOf('thing', row.Parent);
      return { type: 'test.thing.v1.ThingImported', data: { legacyId: row.Id, name: row.Name, parentId } };
    },
    importAbsence: (legacyId) => ({ type: 'test.thing.v1.ThingVanished', data: { legacyId } }),
    ports: [
      {
        name: 'backend',
        primary: true,
        refsOf: () => [],
        format: (state) => ({ Id: '', Name: state.name, Parent: null }),
        target: {
          create: { deliveryClass: 'idempotent', request: () => ({ method: 'POST', path: '/' }) },
          update: () => ({ method: 'PUT', path: '/' }),
          delete: () => ({ method: 'DELETE', path: '/' }),
          settleAfterMs: 0,
          compareAndSetWindow: 'none',
        },
      },
    ],
    routes: [],
    compare: { ignores: [], losses: [] },
  },
});

/** Its id is in the row. */
export const derivedThing: AnyEntity = {
  ...thing,
  name: 'derived-thing',
  legacy: { ...thing.legacy, identity: derivedFrom((state: Thing) => state.name) },
};

export class FakePorter implements PorterApi {
  openIntents: readonly OpenIntent[] = [];
  away = false;
  /** Called behind each answer about intents, with how often it was asked. */
  onIntents: (times: number) => void = () => undefined;
  private readonly known: Link[] = [];
  private times = 0;

  link(entity: string, key: string, legacyId: string): void {
    this.known.push({ entity, key, legacyId });
  }

  async links(entity: string, by: LinksBy): Promise<readonly Link[]> {
    this.answer();
    return this.known.filter(
      (link) =>
        link.entity === entity && ('keys' in by ? by.keys.includes(link.key) : by.legacyIds.includes(link.legacyId)),
    );
  }

  async intents(entity: string): Promise<readonly OpenIntent[]> {
    this.answer();
    const answer = this.openIntents.filter((intent) => intent.entity === entity);
    this.times += 1;
    this.onIntents(this.times);
    return answer;
  }

  private answer(): void {
    if (this.away) throw new BanyanError('IMPORT_PORTER_AWAY', 'away', { retryable: true });
  }
}

/** Legacy's table, in memory. */
export class FakeLegacy {
  readonly rows = new Map<string, ThingRow>();
  /** Called after rows were read: what happens between the read and the publication. */
  afterRead: () => Promise<void> | void = () => undefined;

  put(id: string, name: string, parent: string | null = null): void {
    this.rows.set(id, { Id: id, Name: name, Parent: parent });
  }

  reader(): LegacyReader {
    return {
      idsAfter: async () => ({ ids: [...this.rows.keys()], last: true }),
      rows: async (ids) => {
        const read = new Map(ids.map((id) => [id, this.rows.get(id)]));
        await this.afterRead();
        return { rows: read, invalid: [] };
      },
      one: async (id) => this.rows.get(id),
      highWaterMark: async () => [...this.rows.keys()].at(-1) ?? null,
    };
  }
}

/** What a projector that is never behind would have stored: all records folded anew at each question. */
export class FoldedLog implements StateObserver {
  constructor(
    private readonly log: InMemoryEventLog,
    private readonly topic: string,
    private readonly partitions: number,
  ) {}

  async authorities(): Promise<Authorities> {
    return this.folded().authorities;
  }

  async keyStates(_entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, KeyState>> {
    const { states } = this.folded();
    return new Map([...states].filter(([key]) => keys.includes(key)));
  }

  records(): readonly LogRecord[] {
    return this.log.records(this.topic);
  }

  private folded() {
    const authorities = new Map(Array.from({ length: this.partitions }, (_, each) => [each, FIRST_AUTHORITY]));
    const states = new Map<string, KeyState>();
    for (const record of this.records()) {
      const kind = readKind(record);
      const authority = authorities.get(record.partition) ?? FIRST_AUTHORITY;
      if (kind.type === 'marker') authorities.set(record.partition, foldMarker(authority, kind.marker));
      else {
        const { key } = kind.headers;
        states.set(key, fold(authority, states.get(key) ?? NEVER_SEEN, kind.headers).keyState);
      }
    }
    return { authorities, states };
  }
}
