import { eventHeaders, HEADER, topicName } from '@banyan/contracts';
import { OrderImported, OrderRevised } from '@banyan/contracts/events/northwind.order.v1';
import { importedId, newId } from '@banyan/core';
import { execute, query } from '@banyan/postgres';
import { topicOf } from '@banyan/transformer';
import { request } from 'undici';
import { banyan } from '../../operator.js';
import { until } from '../../until.js';
import type { Arena } from '../arena.js';
import type { Fault } from '../fault.js';
import type { Finding } from '../finding.js';
import { oldRows } from '../old-rows.js';

/** A record that nobody can take for what it says it is. */
interface Poison {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
}

type Meta = Partial<Parameters<typeof eventHeaders>[0]>;

const PARKED_MS = 30_000;
const REFUSED_NAME = 'poison';

/** Their key stands, until an import brings its whole state. Each from the bytes of a good event. */
const STATES: Readonly<
  Record<string, (good: Buffer, revised: Buffer) => { readonly value: Buffer | null; readonly type?: string }>
> = {
  'a type that nobody knows': (good) => ({ value: good, type: 'northwind.order.v1.OrderTeleported' }),
  'a schema that the registry does not have': (good) => ({
    value: changed(good, (bytes) => bytes.writeInt32BE(2 ** 31 - 1, 1)),
  }),
  'half of its Avro': (good) => ({ value: good.subarray(0, good.length >> 1) }),
  'another magic byte': (good) => ({ value: changed(good, (bytes) => bytes.writeUInt8(1, 0)) }),
  'no value': () => ({ value: null }),
  'an event that evolve throws at': (_, revised) => ({ value: revised, type: OrderRevised.name }),
};

/** They take no effect anywhere, and nothing waits for them. */
const INVALID: Readonly<Record<string, (good: Buffer, arena: Arena) => Poison>> = {
  'no headers': (value) => ({ key: newId(), headers: {}, value }),
  'a version that its key has not reached': (value, arena) => {
    const key = newId();
    return { key, value, headers: headersOf(arena, key, { expectedVersion: 7 }) };
  },
};

/**
 * Nine kinds, each on a key of its own: six stand by their state, two are kept as invalid, and the rows of one are refused by V2's
 * database. While they stand all others flow; afterwards an import, a replay, or nothing at all lets each key go on.
 */
export const poison: Fault = {
  name: 'poison of nine kinds',
  breaks: ['backfill', 'postgres'],
  strike: async (arena) => {
    const { world, books, doors, plan } = arena;
    await books.log.read();
    const [good, revised] = await encoded(arena);
    const rows = await oldRows(arena, 'poisoned', Object.keys(STATES).length);
    const standing = Object.values(STATES).map((make, index): Poison => {
      const key = importedId('order', String(rows[index]?.OrderID));
      const { value, type } = make(good, revised);
      return { key, value, headers: headersOf(arena, key, type === undefined ? {} : { type }) };
    });
    const invalid = Object.values(INVALID).map((make) => make(good, arena));
    await append(arena, [...standing, ...invalid]);

    await execute(
      books.admin,
      `alter table v2.orders add constraint poison check (ship_to_name <> '${REFUSED_NAME}') not valid`,
    );
    const refused = await doors.place(REFUSED_NAME);
    const keys = [...standing, ...invalid].map(({ key }) => key);
    const found: Finding[] = [];
    found.push(...(await notParked(arena, 'v2', [...keys, refused.id])), ...(await notParked(arena, 'porter', keys)));
    found.push(...(await unlikeTheLog(arena, 'v2')), ...(await unlikeTheLog(arena, 'porter')));
    for (const { key } of standing) found.push(...(await notLocked(arena, key)));
    // Its rows wait behind the one that was refused; those of others do not.
    await refused.rename('behind the poison');
    await doors.acknowledgeMore(8, 60_000);

    // Again and again: as long as sends are open it may have to leave rows out.
    const imported = async () => {
      await world.banyan('backfill', 'run', '--plan', plan, '--json');
      return (await standingOf(arena, keys)) === 0 ? true : undefined;
    };
    await until('an import carries every key past its poison', imported);
    await execute(books.admin, 'alter table v2.orders drop constraint poison');
    await banyan(world, `parked replay order ${refused.id}`);
    // What stood can be written again.
    doors.changeToo(rows);
    return found;
  },
};

async function encoded({ books: { codec } }: Arena): Promise<readonly [Buffer, Buffer]> {
  const nowhere = { name: null, street: null, city: null, region: null, postalCode: null, country: null };
  const nothing = {
    customerId: null,
    employeeId: null,
    orderedOn: null,
    requiredOn: null,
    shippedOn: null,
    shipperId: null,
    freight: null,
    shipTo: nowhere,
    poNumber: null,
    lines: [],
  };
  await codec.prepare();
  const imported = codec.encode(OrderImported.name, { legacyId: '1', ...nothing });
  return [Buffer.from(imported), Buffer.from(codec.encode(OrderRevised.name, nothing))];
}

/** Those of an import, since an import can carry its key past it. */
function headersOf({ books }: Arena, key: string, meta: Meta): Record<string, string> {
  return eventHeaders({
    id: newId(),
    type: OrderImported.name,
    source: 'poison',
    timeMs: Date.now(),
    subject: key,
    origin: 'backfill',
    expectedVersion: 0,
    epoch: books.log.epoch,
    liveness: 'live',
    contentHash: 'poison',
    ...meta,
  });
}

async function append({ books, world }: Arena, all: readonly Poison[]): Promise<void> {
  const appender = await books.eventLog.appender();
  const topic = topicName(world.topicPrefix, topicOf(books.entity));
  await Promise.all(all.map((one) => appender.append({ topic, ...one })));
  await appender.close(5_000);
}

/** Those that have not come to stand within the time for it. */
async function notParked({ books }: Arena, schema: string, keys: readonly string[]): Promise<readonly Finding[]> {
  const text = `select distinct key from ${schema}.parked where key = any($1)`;
  let missing: readonly string[] = keys;
  const all = async () => {
    const parked = new Set((await query<{ key: string }>(books.admin, text, [keys])).map(({ key }) => key));
    missing = keys.filter((key) => !parked.has(key));
    return missing.length === 0 ? true : undefined;
  };
  const what = (key: string) => `the poison of ${key} is not parked in ${schema}`;
  return until(what(schema), all, PARKED_MS).then(
    () => [],
    () => missing.map((key) => ({ promise: 'P5', kind: 'lost', what: what(key) })),
  );
}

async function standingOf({ books }: Arena, keys: readonly string[]): Promise<number> {
  const parked = (schema: string) => `select key from ${schema}.parked where kind <> 'invalid' and key = any($1)`;
  return (await query(books.admin, `${parked('v2')} union all ${parked('porter')}`, [keys])).length;
}

/** What is parked has the bytes and the headers that lie in the log; of what stands itself, and does not only wait, it is said why. */
async function unlikeTheLog({ books, world }: Arena, schema: string): Promise<readonly Finding[]> {
  const topic = topicName(world.topicPrefix, topicOf(books.entity));
  const rows = await query<{ partition: number; at: string; value: Buffer | null; headers: object; silent: boolean }>(
    books.admin,
    `select partition, record_offset::text as at, value, headers,
       error_code is null and not exists (select 1 from ${schema}.parked f
         where f.consumer = p.consumer and f.key = p.key and f.record_offset < p.record_offset) as silent
     from ${schema}.parked p where consumer like 'order%'`,
  );
  const found: Finding[] = [];
  for (const { partition, at, value, headers, silent } of rows) {
    if (silent) {
      found.push({
        promise: 'P5',
        kind: 'other',
        what: `${schema} does not say why ${topic}[${partition}] at ${at} is parked`,
      });
    }
    const from = BigInt(at);
    for await (const record of books.eventLog.read(topic, partition, from, from + 1n)) {
      const sameValue = record.value === null ? value === null : value !== null && record.value.equals(value);
      const sameId = (headers as Record<string, string>)[HEADER.id] === record.headers[HEADER.id];
      const what = `${schema} keeps other bytes of ${topic}[${partition}] at ${at} than the log`;
      if (!sameValue || !sameId) found.push({ promise: 'P5', kind: 'other', what });
    }
  }
  return found;
}

/** Nobody decides on a state that stands still. */
async function notLocked({ world }: Arena, key: string): Promise<readonly Finding[]> {
  const answer = await request(`${world.urls['new-api']}/v2/orders/${key}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '11' }, quantity: 1 }] }),
  });
  const said = await answer.body.text();
  if (answer.statusCode === 423) return [];
  const what = `a change of ${key}, which stands still, was answered with ${answer.statusCode} ${said}`;
  return [{ promise: 'P5', kind: 'other', what }];
}

function changed(good: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(good);
  change(bytes);
  return bytes;
}
