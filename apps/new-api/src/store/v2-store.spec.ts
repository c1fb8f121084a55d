import type { Pool } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import { V2Store } from './v2-store.js';

describe('V2Store', () => {
  it('asks for the states of many commands with one statement, and gives each its own', async () => {
    const statements: (readonly string[])[] = [];
    const pool = {
      query: async (_: string, values: readonly (readonly string[])[]) => {
        const keys = values[1] ?? [];
        statements.push(keys);
        return { rows: keys.map((key, n) => ({ key: null, next_offset: n, all_epoch: Number(key) })) };
      },
    };
    const store = new V2Store(pool as unknown as Pool);
    const keys = Array.from({ length: 100 }, (_, n) => String(n));
    const states = await Promise.all(keys.map((key) => store.state('order', key, 3)));
    expect(statements).toEqual([keys]);
    expect(states.map(({ epoch, nextOffset }) => [epoch, nextOffset])).toEqual(
      keys.map((key) => [Number(key), BigInt(key)]),
    );
  });

  it('is 503 where the projector has made nothing yet', async () => {
    const missing = Object.assign(new Error('relation "v2.state" does not exist'), { code: '42P01' });
    const pool = { query: () => Promise.reject(missing) };
    const answers = ['a', 'b'].map((key) => new V2Store(pool as unknown as Pool).state('order', key));
    for (const answer of answers)
      await expect(answer).rejects.toMatchObject({ status: 503, code: 'API_STORE_NOT_READY' });
  });
});
