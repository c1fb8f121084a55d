import { createHttpReader, createSqlReader } from '@banyan/legacy';
import { allIds, legacyReaderContract } from '@banyan/legacy/testing';
import { entities } from '@banyan/migration';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PorterRig } from './testing/porter-rig.js';

let rig: PorterRig;
beforeAll(async () => {
  rig = await PorterRig.start();
}, 180_000);
afterAll(() => rig.stop());

const ROWS: Readonly<Record<string, number>> = { customer: 91, product: 77, order: 830 };
const ofNorthwind = entities.filter(({ domain }) => domain === 'northwind');

describe.each(ofNorthwind.map((entity) => [entity.name, entity.legacy] as const))(
  'the readers of %s',
  (name, legacy) => {
    const over = {
      HTTP: () => createHttpReader(legacy, rig.legacyApi),
      SQL: () => createSqlReader(legacy, rig.legacyPool),
    };

    it('give equal canonical rows over HTTP and SQL, for every row there is', async () => {
      const http = over.HTTP();
      const sql = over.SQL();
      const ids = await allIds(http, 50);
      expect(ids.length).toBeGreaterThan(0);
      // Of an entity that was added later, nothing is known beforehand but that SQL and HTTP are alike.
      expect(ids).toHaveLength(ROWS[name] ?? ids.length);
      expect(await allIds(sql, 50)).toEqual(ids);
      const [byHttp, bySql] = [await http.rows(ids), await sql.rows(ids)];
      expect([byHttp.invalid, bySql.invalid]).toEqual([[], []]);
      expect([...bySql.rows.values()]).toEqual(ids.map((id) => byHttp.rows.get(id)));
      expect([...byHttp.rows.values()].every((row) => row !== undefined)).toBe(true);
    });

    for (const [kind, reader] of Object.entries(over)) {
      const contract = legacyReaderContract(async () => {
        const sql = over.SQL();
        const ids = await allIds(sql, 1_000);
        const { rows } = await sql.rows(ids);
        const all = ids.map((id) => ({ id, row: rows.get(id) ?? {} }));
        const assigned = kind === 'HTTP' || legacy.identity.type === 'assigned-by-legacy';
        const unknownId = legacy.identity.type === 'derived' ? 'NOONE' : '9999';
        return { reader: reader(), all, lastId: assigned ? (ids.at(-1) ?? null) : null, unknownId };
      }, expect);
      for (const { rule, check } of contract) it(`over ${kind}: ${rule}`, check);
    }
  },
);
