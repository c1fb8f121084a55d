import { rowHash } from '@banyan/compare';
import { importedId } from '@banyan/core';
import { createSqlSender, MARKER_DDL } from '@banyan/legacy';
import { makeTables } from '@banyan/legacy-billing';
import { entityNamed } from '@banyan/migration';
import { createPool } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { northwindRows } from '@banyan/transformer/testing';
import { expect, it } from '@jest/globals';

// What the kit cannot know of a further port: that the database keeps a row as it is given. One that it keeps otherwise would still
// be sent, but what stands there would not be what V2 says.
it('billing keeps the invoice of every Northwind order as it is written', async () => {
  const { databaseUrl } = await testStack();
  const name = `${randomPrefix()}rows`;
  const url = await createDatabase(databaseUrl, name);
  const pool = createPool({ url, applicationName: 'rows-spec' });
  try {
    await makeTables(url);
    await pool.query(MARKER_DDL);
    const order = entityNamed('order');
    const billing = order.legacy.ports.find((port) => port.name === 'billing');
    if (billing === undefined || billing.primary) throw new Error('orders have a further port, billing');
    const sender = createSqlSender('order.billing', billing.target, pool);
    const rows = northwindRows('orders').map((raw) => order.legacy.reader.canonical(raw));
    const legacyIds = new Map(
      rows
        .flatMap((row) => order.legacy.refsOfRow(row))
        .map(({ entity, legacyId }) => [importedId(entity, legacyId), legacyId]),
    );
    for (const row of rows) {
      const legacyId = order.legacy.idOf(row);
      const key = importedId('order', legacyId);
      const state = order.evolve(undefined, order.legacy.importRow(row, { id: key, idOf: importedId }));
      const legacyIdOf = (_: string, id: string) => legacyIds.get(id) ?? '';
      const invoice = billing.format(state, { id: key, legacyId, legacyIdOf });
      const sent = await sender.send({ key, version: 1, legacyId, row: invoice, last: undefined });
      expect([legacyId, sent]).toEqual([legacyId, { type: 'done', hash: rowHash(invoice) }]);
    }
    expect((await pool.query('select count(*)::int as n from invoices')).rows).toEqual([{ n: 830 }]);
  } finally {
    await pool.end();
    await dropDatabase(databaseUrl, name);
  }
}, 180_000);
