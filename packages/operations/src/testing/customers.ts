import { event } from '@banyan/contracts';
import { CustomerImported } from '@banyan/contracts/events/northwind.customer.v1';
import { importedId, type KeyState } from '@banyan/core';
import type { LegacyReader } from '@banyan/legacy';
import { entities } from '@banyan/migration';
import { bulkUpsert, createPool, migrate, type Pool, query, sinkMigrations, transaction } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import type { AnyEntity, LegacyRow } from '@banyan/transformer';
import type { BothSides } from '../context.js';

export const customer = entities.find(({ name }) => name === 'customer') as AnyEntity;

/** What the projector makes beside the sink's tables. */
const LINK = `create table v2.link (entity text not null, key uuid not null, legacy_id text not null, port text not null,
  primary key (entity, key))`;

/** A customer as legacy has it. */
export function row(code: string, name = `Company ${code}`): LegacyRow {
  const rest = { ContactTitle: null, Address: null, City: null, Region: null, PostalCode: null, Country: null };
  return { CustomerID: code, CompanyName: name, ContactName: null, ...rest, Phone: null, Fax: null };
}

const ends = async () => [];

/** Customers in legacy, which is a map, and in V2's own tables; no app runs. */
export class Customers {
  readonly legacy = new Map<string, LegacyRow>();
  /** How often legacy was asked for rows. */
  reads = 0;

  private constructor(
    readonly v2: Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<Customers> {
    const { databaseUrl } = await testStack();
    const name = `${randomPrefix()}customers`;
    const pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'operations-spec' });
    await migrate(pool, 'v2', [...sinkMigrations('v2'), { name: 'link', sql: LINK }, ...customer.migrations]);
    return new Customers(pool, async () => {
      await pool.end();
      await dropDatabase(databaseUrl, name);
    });
  }

  async clear(): Promise<void> {
    this.legacy.clear();
    this.reads = 0;
    await query(this.v2, 'truncate v2.state, v2.link, v2.customers, v2.sink_offset');
  }

  close(): Promise<void> {
    return this.drop();
  }

  /** Puts a row's customer in V2 as its import leaves it. @returns the key */
  async project(legacyRow: LegacyRow, change: Partial<KeyState> & { readonly key?: string } = {}): Promise<string> {
    const code = String(legacyRow.CustomerID);
    const { key = importedId('customer', code), ...over } = change;
    const imported = customer.legacy.importRow(legacyRow, { id: key, idOf: importedId });
    const document = customer.evolve(undefined, event(CustomerImported, imported.data as never));
    const { version, liveness, owner, epoch } = { version: 1, liveness: 'live', owner: 'legacy', epoch: 0, ...over };
    await query(
      this.v2,
      `insert into v2.state (consumer, key, version, liveness, owner, epoch, recent_events, document, applied_version, transformer_version)
       values ('customer', $1, $2, $3, $4, $5, '', $6, $2, 1)`,
      [key, version, liveness, owner, epoch, JSON.stringify(document)],
    );
    await query(this.v2, `insert into v2.link values ('customer', $1, $2, 'backend')`, [key, code]);
    for (const { table, columns, key: conflict, rows } of customer.projections) {
      const target = { schema: 'v2', table, columns, conflict: [conflict] };
      await transaction(this.v2, (tx) => bulkUpsert(tx, target, rows(document, key)));
    }
    return key;
  }

  sides(): BothSides {
    return {
      entities: [customer],
      v2: this.v2,
      readerOf: () => this.reader(),
      apps: [],
      log: { ends },
      topicPrefix: '',
    };
  }

  private reader(): LegacyReader {
    const rows = (ids: readonly string[]) => {
      this.reads += 1;
      return { rows: new Map(ids.map((id) => [id, this.legacy.get(id)])), invalid: [] };
    };
    return {
      idsAfter: async (after, limit) => {
        const behind = [...this.legacy.keys()].sort().filter((id) => after === null || id > after);
        return { ids: behind.slice(0, limit), last: behind.length < limit };
      },
      rows: async (ids) => rows(ids),
      one: async (id) => this.legacy.get(id),
      highWaterMark: async () => null,
    };
  }
}
