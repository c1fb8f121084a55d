import { createPool, type Pool, query } from '@banyan/postgres';

/** A write of a row that was committed. */
export interface Write {
  readonly id: string;
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly name: string | null;
}

export interface JournalledTable {
  /** As a superuser. */
  readonly databaseUrl: string;
  readonly table: string;
  readonly idColumn: string;
  readonly nameColumn: string;
}

/** A database's own journal of what was committed to one of its tables, kept by a trigger: it says what was written, and how often. */
export class WriteJournal {
  private constructor(private readonly pool: Pool) {}

  static async of({ databaseUrl, table, idColumn, nameColumn }: JournalledTable): Promise<WriteJournal> {
    const pool = createPool({ url: databaseUrl, applicationName: 'write-journal', max: 1 });
    await query(
      pool,
      `create schema witness;
       create table witness.write (seq bigserial primary key, id text not null, operation text not null, name text);
       create function witness.note() returns trigger language plpgsql security definer as $$
         declare it jsonb := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
         begin
           insert into witness.write (id, operation, name) values (it ->> tg_argv[0], tg_op, it ->> tg_argv[1]);
           return null;
         end $$;
       create trigger witness after insert or update or delete on ${table}
         for each row execute function witness.note('${idColumn}', '${nameColumn}')`,
    );
    return new WriteJournal(pool);
  }

  /** All of them, by row, in the order in which they were written. */
  async read(): Promise<ReadonlyMap<string, readonly Write[]>> {
    const text = 'select id, operation, name from witness.write order by seq';
    return Map.groupBy(await query<Write & object>(this.pool, text), ({ id }) => id);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
