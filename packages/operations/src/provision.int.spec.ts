import { type Stack, startStack } from '@banyan/stack';
import { createDatabase } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OWNERS, provisionDatabase, type Role } from './provision.js';

// A server of its own: its roles are those of every world on it.
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ only: ['postgres'], ephemeral: true, own: true });
}, 180_000);

afterAll(() => stack?.stop());

describe('the owners of the schemas', () => {
  it('are made and made again in several databases of a server at the same moment', async () => {
    const names = Array.from({ length: 6 }, (_, number) => `at_once_${number}`);
    const urls = await Promise.all(names.map((name) => createDatabase(stack.databaseUrl, name)));
    const passwords = Object.fromEntries(OWNERS.map(({ role }) => [role, 'a-password'])) as Record<Role, string>;
    for (let round = 0; round < 5; round += 1) {
      const ends = await Promise.allSettled(urls.map((url) => provisionDatabase(url, passwords)));
      expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
    }
  });
});
