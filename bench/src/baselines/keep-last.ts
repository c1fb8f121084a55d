import type { Pool } from '@banyan/postgres';
import avro from 'avsc';
import { type ParcelData, ParcelMoved } from '../parcels/events.js';
import { PARCEL_COLUMNS } from '../parcels/table.js';

const type = avro.Type.forSchema(ParcelMoved.schema as avro.Schema);

/** The topic's events have one layout: what lies behind the five bytes of the wire format. */
export function decode(value: Buffer): ParcelData {
  return type.fromBuffer(value.subarray(5)) as ParcelData;
}

const columns = Object.entries(PARCEL_COLUMNS);
const names = columns.map(([name]) => name);
const arrays = columns.map(([, sql], index) => `$${index + 1}::${sql.replace('char(3)', 'bpchar')}[]`);
const sets = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`);
const onConflict = `on conflict (id) do update set ${sets.join(', ')}`;

/** Rows over what is there, many at once. */
export async function upsertAll(pool: Pool, rows: ReadonlyMap<string, ParcelData>): Promise<void> {
  const values: unknown[][] = columns.map(() => []);
  for (const [id, data] of rows) {
    const row = rowOf(id, data);
    for (let index = 0; index < row.length; index += 1) (values[index] as unknown[]).push(row[index]);
  }
  await pool.query({
    name: 'upsert-all',
    text: `insert into v2.parcels (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) ${onConflict}`,
    values,
  });
}

/** One row over what is there. */
export async function upsertOne(pool: Pool, id: string, data: ParcelData): Promise<void> {
  const places = columns.map((_, index) => `$${index + 1}`);
  const text = `insert into v2.parcels (${names.join(', ')}) values (${places.join(', ')}) ${onConflict}`;
  await pool.query({ name: 'upsert-one', text, values: [...rowOf(id, data)] });
}

function rowOf(id: string, data: ParcelData): readonly unknown[] {
  return [
    id,
    data.revision,
    data.status,
    data.place,
    data.carrier,
    data.weightGrams,
    data.valueCents,
    data.currency,
    data.fragile,
    data.note,
    data.dueOn,
    new Date(data.movedAt).toISOString(),
  ];
}
