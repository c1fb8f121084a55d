import { createDatabase, randomPrefix, testStack } from '@banyan/stack/testing';

/** For the `beforeAll` that may be the first to need the stack: minutes where parts of it have to be fetched. */
export const STACK_START_MS = 180_000;

/** An empty database of its own for one test. */
export async function freshDatabase(): Promise<string> {
  const { databaseUrl } = await testStack();
  return createDatabase(databaseUrl, `${randomPrefix()}legacy`);
}
