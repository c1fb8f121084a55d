import { randomUUID } from 'node:crypto';
import { type Connection, NO_STATE } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import { saveStates } from './states.js';

describe('the states of a slice', () => {
  it('are written in the order of keys: in another one a transaction that locks some of them could wait for us while we wait for it', async () => {
    const written: unknown[][] = [];
    const tx = { query: async (_sql: string, values: unknown[]) => written.push(values) } as unknown as Connection;
    const keys = Array.from({ length: 50 }, () => randomUUID());
    await saveStates(tx, { schema: 'v2', consumer: 'order' }, new Map(keys.map((key) => [key, NO_STATE])), false);
    expect(written).toHaveLength(1);
    const column = String(written[0]?.[1]);
    expect(column.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)).toEqual(keys.toSorted());
  });

  it.each([true, false])('are looked for once more, unless it is known that none is there: %s', async (areNew) => {
    const written: string[] = [];
    const tx = { query: async (sql: string) => written.push(sql) } as unknown as Connection;
    await saveStates(tx, { schema: 'v2', consumer: 'order' }, new Map([[randomUUID(), NO_STATE]]), areNew);
    expect(written.map((sql) => sql.includes('on conflict'))).toEqual([!areNew]);
  });
});
