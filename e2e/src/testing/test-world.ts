import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stack } from '@banyan/stack';
import { randomPrefix, testStack } from '@banyan/stack/testing';
import { startWorld, type World } from '../world.js';

const LOGS = fileURLToPath(new URL('../../../.banyan/logs', import.meta.url));

/** A world for one test file, on the shared stack unless one is given; what its apps log is in `.banyan/logs/<name>`. */
export async function testWorld(
  about: string,
  stack?: Pick<Stack, 'kafkaBrokers' | 'schemaRegistryUrl' | 'databaseUrl'>,
): Promise<World> {
  const name = `${about}-${randomPrefix().slice(0, -1)}`;
  return startWorld({ stack: stack ?? (await testStack()), name, logs: join(LOGS, name) });
}
