import { describe, expect, it } from '@jest/globals';
import { databaseOf, inDatabase } from './database-url.js';

describe('the address of a database', () => {
  it('leads to another one of the server, by the same role and with the same parameters', () => {
    const other = inDatabase('postgres://ann:p%40ss@db:5433/v2?sslmode=require', 'v2_next');
    expect(other).toBe('postgres://ann:p%40ss@db:5433/v2_next?sslmode=require');
    expect(databaseOf(other)).toBe('v2_next');
  });

  it('may name what wants escaping', () => {
    expect(databaseOf(inDatabase('postgres://db/v2', 'a b/c'))).toBe('a b/c');
  });
});
