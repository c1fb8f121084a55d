import { createHash } from 'node:crypto';
import type { Tally } from '../harness/gate.js';
import type { ParcelData } from './events.js';

/** The table that every arm fills, with all of its columns. */
export const PARCEL_COLUMNS = {
  id: 'uuid',
  revision: 'int',
  status: 'text',
  place: 'text',
  carrier: 'text',
  weight_grams: 'int',
  value_cents: 'bigint',
  currency: 'char(3)',
  fragile: 'boolean',
  note: 'text',
  due_on: 'date',
  moved_at: 'timestamptz',
} as const;

export const CREATE_PARCELS = `create table v2.parcels (${Object.entries(PARCEL_COLUMNS)
  .map(([column, type]) => `${column} ${type} ${column === 'id' ? 'primary key' : column === 'note' ? '' : 'not null'}`)
  .join(', ')})`;

/**
 * Count and checksum over every column of every row, the instant to the microsecond: the sum of 60 bits of each row's md5, since a sum
 * asks for no order.
 */
export const TALLY_SQL = `
  select count(*)::int as count, coalesce(sum(('x' || left(md5(concat_ws('|', id, revision, status, place, carrier, weight_grams,
    value_cents, currency, fragile, coalesce(note, '~'), to_char(due_on, 'YYYY-MM-DD'),
    to_char(moved_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))), 15))::bit(60)::bigint), 0)::text as checksum
  from v2.parcels`;

/** The same over what the rows have to be. */
export class ExpectedParcels {
  private readonly last = new Map<string, ParcelData>();

  /** The last one of a key counts. */
  add(id: string, data: ParcelData): void {
    this.last.set(id, data);
  }

  tally(): Tally {
    let sum = 0n;
    for (const [id, data] of this.last) {
      const digest = createHash('md5').update(textOf(id, data)).digest('hex');
      sum += BigInt(`0x${digest.slice(0, 15)}`);
    }
    return { count: this.last.size, checksum: String(sum) };
  }
}

function textOf(id: string, data: ParcelData): string {
  return [
    id,
    data.revision,
    data.status,
    data.place,
    data.carrier,
    data.weightGrams,
    data.valueCents,
    data.currency,
    data.fragile ? 't' : 'f',
    data.note ?? '~',
    data.dueOn,
    `${new Date(data.movedAt).toISOString().slice(0, -1)}000`,
  ].join('|');
}
