import { createPool, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { type LegacyRow, type SqlTarget, UnmappableRow } from '@banyan/transformer';
import { MARKER_DDL } from '../marker.js';

export interface ThingRow extends LegacyRow {
  readonly Name: string;
  /** `numeric(8,1)`: legacy rounds it. */
  readonly Price: string | null;
}

/** Things in a table with a parent's column that is not ours, a check, a rounding column, and a count of writes. */
export const thingsTarget: SqlTarget<ThingRow> = {
  deliveryClass: 'transactional',
  database: 'things',
  select: `select json_build_object('Name', name, 'Price', price::text) as row from things where id = $1::int for update`,
  canonical(raw) {
    const row = raw as ThingRow;
    if (typeof row.Name !== 'string') throw new UnmappableRow('Name', row.Name, 'is no text');
    return row;
  },
  insert: (id, { Name, Price }) => [
    { text: 'insert into things (id, name, price) values ($1, $2, $3)', values: [id, Name, Price] },
  ],
  update: (id, { Name, Price }) => [
    { text: 'update things set name = $2, price = $3 where id = $1', values: [id, Name, Price] },
  ],
  delete: (id) => [{ text: 'delete from things where id = $1', values: [id] }],
};

const TABLES = `
  create table things (id int primary key, name text not null check (name <> 'never'), price numeric(8,1), theirs text);
  create table writes (operation text not null, id int not null);
  create function count_write() returns trigger language plpgsql as $$
  begin
    insert into writes values (tg_op, coalesce(new.id, old.id));
    return coalesce(new, old);
  end $$;
  create trigger counts after insert or update or delete on things for each row execute function count_write();`;

/** A legacy database of things, which nobody else has. */
export class SqlThings {
  private constructor(
    readonly url: string,
    readonly pool: Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start({ marker = true } = {}): Promise<SqlThings> {
    const { databaseUrl } = await testStack();
    const name = `${randomPrefix()}things`;
    const url = await createDatabase(databaseUrl, name);
    const pool = createPool({ url, applicationName: 'things-spec', statementTimeoutMs: 5_000 });
    await pool.query(TABLES + (marker ? MARKER_DDL : ''));
    return new SqlThings(url, pool, () => dropDatabase(databaseUrl, name));
  }

  sql<R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return query<R>(this.pool, text, values);
  }

  /** What was done to a row, in order. */
  async writes(id: number): Promise<readonly string[]> {
    return (await this.sql<{ operation: string }>('select operation from writes where id = $1', [id])).map(
      ({ operation }) => operation,
    );
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.drop();
  }
}
