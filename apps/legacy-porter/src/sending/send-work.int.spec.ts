import { newId, systemClock } from '@banyan/core';
import { createPool, migrate, type Pool, query, transaction } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { register } from '../instance/instance-store.js';
import { createJournal } from '../store/journal.js';
import { porterMigrations } from '../store/porter-migrations.js';
import type { Holder, Work } from '../store/work.js';
import { addWork, claimWork } from '../store/work-store.js';
import { PATH, ThingsRig } from '../testing/things.js';
import { sendWork } from './send-work.js';

const CONSUMER = 'thing.backend';
const database = `${randomPrefix()}send`;
let superuserUrl: string;
let pool: Pool;
let holder: Holder;
let rig: ThingsRig;

beforeAll(async () => {
  superuserUrl = (await testStack()).databaseUrl;
  pool = createPool({ url: await createDatabase(superuserUrl, database), applicationName: 'send-work-spec' });
  await migrate(pool, 'porter', porterMigrations);
}, 180_000);
afterAll(async () => {
  await pool.end();
  await dropDatabase(superuserUrl, database);
});
beforeEach(async () => {
  await pool.query('truncate porter.work, porter.intent, porter.link, porter.ported, porter.receipt, porter.instance');
  holder = await register(pool, 'porter-0');
  rig = new ThingsRig();
});

const claimed = async (): Promise<Work> => {
  const work = {
    consumer: CONSUMER,
    key: newId(),
    version: 1,
    eventId: 'e-1',
    eventType: 'Happened',
    operation: 'create',
    document: { name: 'fig' },
    stateHash: undefined,
    trace: {},
  } as const;
  await transaction(pool, (tx) => addWork(tx, [work]));
  const [claim] = await claimWork(pool, [CONSUMER], holder, 1);
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
};
const send = (work: Work) =>
  sendWork({
    pool,
    holder,
    journal: createJournal(pool, holder),
    ports: new Map([[CONSUMER, rig.port]]),
    clock: systemClock,
    mayWrite: () => true,
    stopping: new AbortController().signal,
    onVerdict: () => {},
  })(work);

describe('a send whose result cannot be written', () => {
  it('is left as unclear, with the reason, and finds out from legacy', async () => {
    await pool.query("alter table porter.receipt add constraint no_receipts check (body ->> 'outcome' <> 'ported')");
    await send(await claimed());
    expect(await query(pool, 'select state, claimed_by, error_message from porter.work')).toEqual([
      { state: 'ready', claimed_by: null, error_message: expect.stringContaining('the result could not be written') },
    ]);
    await pool.query(
      'alter table porter.receipt drop constraint no_receipts; update porter.work set not_before = now()',
    );
    const [again] = await claimWork(pool, [CONSUMER], holder, 1);
    await send(again as Work);
    expect(await query(pool, 'select 1 from porter.work')).toEqual([]);
    expect(rig.legacy.rows(PATH)).toHaveLength(1);
  });

  it('is given back, as unclear, when not even the reason can be written', async () => {
    await pool.query('alter table porter.work add constraint no_words check (error_message is null)');
    rig.legacy.failNext('POST', { type: 'answer', status: 422 });
    await expect(send(await claimed())).rejects.toThrow(/no_words/);
    expect(await query(pool, 'select state, claimed_by, attempts from porter.work')).toEqual([
      { state: 'ready', claimed_by: null, attempts: 1 },
    ]);
    expect(await query(pool, 'select state, may_have_arrived from porter.intent')).toEqual([
      { state: 'unclear', may_have_arrived: true },
    ]);
    await pool.query('alter table porter.work drop constraint no_words');
  });
});
