import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomPrefix, testStack } from '@banyan/stack/testing';
import { startWorld, type World, type WorldOptions } from '../world.js';

const LOGS = fileURLToPath(new URL('../../../.banyan/logs', import.meta.url));

export interface TestWorldOptions extends Pick<WorldOptions, 'env' | 'apps' | 'ports' | 'billing' | 'onEnd'> {
  /** Default: the stack that all tests share. */
  readonly stack?: WorldOptions['stack'];
}

/** A world for one test file; what its apps log is in `.banyan/logs/<name>`. */
export async function testWorld(about: string, { stack, env, ...more }: TestWorldOptions = {}): Promise<World> {
  const name = `${about}-${randomPrefix().slice(0, -1)}`;
  return startWorld({
    ...more,
    env: { ...env, 'new-api': { CANARY_READS_PER_MINUTE: '60', ...env?.['new-api'] } },
    stack: stack ?? (await testStack()),
    name,
    logs: join(LOGS, name),
  });
}
