import { newId } from '@banyan/core';
import { createSqlSender } from '@banyan/legacy';
import { SqlThings, type ThingRow, thingsTarget } from '@banyan/legacy/testing';
import { createPool } from '@banyan/postgres';
import { commit, FaultyLink } from '@banyan/stack/testing';
import type { FurtherPort } from '@banyan/transformer';
import { attempt } from '../sending/attempt.js';
import { referenceKey, type SqlSendingPort } from '../sending/sending-port.js';
import type { SendOperation } from '../store/work.js';
import { type PortUnderTest, REFUSED_NAME } from './port.contract.js';
import { InMemoryJournal, PATH, type Thing, ThingsRig, thingEntity, workOf } from './things.js';

const METHODS = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const;

/** Over HTTP, in memory. */
export async function httpPort(kind: 'probe' | 'idempotent', by: 'look' | 'if-match' = 'look'): Promise<PortUnderTest> {
  const rig = new ThingsRig(kind, by);
  const CODE = 'F-1';
  const id = kind === 'probe' ? '1' : CODE;
  let isAway = false;
  return {
    async send(operation, document, version) {
      const method = METHODS[operation];
      if (document?.name === REFUSED_NAME) rig.legacy.failNext(method, { type: 'answer', status: 422, body: 'no' });
      if (isAway) rig.legacy.failNext(method, { type: 'refuse' });
      return rig.send(operation, document && { code: CODE, ...document }, version);
    },
    names: async () => rig.legacy.rows(PATH).map(({ Name }) => String(Name)),
    writes: async () => rig.legacy.executed.filter(({ method }) => method !== 'GET').length,
    async overwrite(name) {
      if (name === null) return rig.legacy.remove(PATH, id);
      rig.legacy.put(PATH, { ThingID: kind === 'probe' ? 1 : CODE, Name: name });
    },
    loseAnswer: (operation) => rig.legacy.failNext(METHODS[operation], { type: 'drop-after-commit' }),
    lapse: () => {
      rig.lease = false;
    },
    away: async () => {
      isAway = true;
    },
    back: async () => {
      isAway = false;
    },
    close: async () => undefined,
  };
}

const LEGACY_ID = '1';

const archive: FurtherPort<Thing, ThingRow> = {
  name: 'archive',
  primary: false,
  refsOf: ({ owner }) => (owner === undefined ? [] : [{ entity: 'owner', id: owner }]),
  format: ({ name }) => ({ Name: name, Price: null }),
  target: thingsTarget,
};

/** In one transaction of a real PostgreSQL, over a link that can break. */
export async function sqlPort(): Promise<PortUnderTest> {
  const things = await SqlThings.start();
  const link = await FaultyLink.to(things.url);
  await link.up();
  const pool = createPool({
    url: link.through(things.url),
    applicationName: 'port-contract',
    statementTimeoutMs: 5_000,
  });
  const consumer = 'thing.archive';
  const port: SqlSendingPort = {
    over: 'sql',
    consumer,
    entity: thingEntity(true),
    definition: archive as unknown as SqlSendingPort['definition'],
    sender: createSqlSender(consumer, archive.target, pool) as unknown as SqlSendingPort['sender'],
    portOf: () => 'backend',
  };
  const journal = new InMemoryJournal();
  const key = newId();
  journal.links.set(referenceKey({ entity: 'thing', id: key }), LEGACY_ID);
  let lease = true;
  return {
    async send(operation: SendOperation, document, version) {
      const work = { ...workOf(operation, document, version), consumer, key };
      const attempted = await attempt({ work, port, journal, mayWrite: () => lease });
      journal.settle(attempted.verdict, version);
      return attempted;
    },
    names: async () =>
      (await things.sql<{ name: string }>('select name from things order by id')).map(({ name }) => name),
    writes: async () => (await things.sql(`select 1 from writes`)).length,
    async overwrite(name) {
      // Nobody else's writes are counted.
      await things.sql('alter table things disable trigger counts');
      if (name === null) await things.sql('delete from things');
      else await things.sql('update things set name = $1', [name]);
      await things.sql('alter table things enable trigger counts');
    },
    loseAnswer: () => void link.loseAnswers(commit, 1),
    lapse: () => {
      lease = false;
    },
    away: () => link.down(),
    back: () => link.up(),
    async close() {
      await pool.end();
      await link.down();
      await things.stop();
    },
  };
}
