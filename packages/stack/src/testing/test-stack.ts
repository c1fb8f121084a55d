import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { BanyanError } from '@banyan/core';
import { CHECKOUT, CHECKOUT_STATE } from '../checkout.js';
import { childEnvironment, readStackConfig } from '../config.js';
import { withLock } from '../ownership/lock.js';
import { environmentIsSet } from '../providers/env.js';

/** What a test needs of a stack. It is shared, so there is nothing to stop: tests that stop or kill a part call `startStack`. */
interface TestStack {
  readonly kafkaBrokers: string;
  readonly schemaRegistryUrl: string;
  /** A superuser's address. */
  readonly databaseUrl: string;
}

/** What the keeper tells the process that started it. */
type KeeperMessage =
  | { readonly say: string }
  | { readonly ready: true }
  | { readonly code: string; readonly failed: string };

/** One keeper for each user and checkout; in the temporary directory, because the names of sockets are short. */
const SOCKET = join(
  tmpdir(),
  `banyan-test-${userInfo().uid}-${createHash('sha256').update(CHECKOUT).digest('hex').slice(0, 12)}.sock`,
);

const KEEPER = join(CHECKOUT, 'packages', 'stack', 'dist', 'testing', 'keeper.js');

/**
 * The stack for tests: the one in the environment when KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL are set, else one
 * that all test processes of this checkout share while any of them lives. Its data is new, and gone afterwards. Tests keep
 * apart by `randomPrefix()` and `createDatabase()`.
 *
 * Nobody has to stop it: it is kept up by a process of its own, which ends with the last process that asked for it, however
 * that one ends. The first start takes about 8 s, and minutes where Kafka has to be fetched: give `beforeAll` 180 s.
 * @throws what `startStack` throws
 */
async function testStack(): Promise<TestStack> {
  const config = readStackConfig();
  // Whatever BANYAN_STACK says: it is how whoever set these addresses got them.
  if (environmentIsSet(config)) {
    const { kafkaBrokers, schemaRegistryUrl, databaseUrl } = config;
    return { kafkaBrokers, schemaRegistryUrl, databaseUrl };
  }
  for (;;) {
    const leased = await lease();
    if (leased !== undefined) return leased;
    mkdirSync(CHECKOUT_STATE, { recursive: true });
    const started = await withLock(join(CHECKOUT_STATE, 'test-stack.lock'), async () => {
      const meanwhile = await lease();
      if (meanwhile !== undefined) return meanwhile;
      await startKeeper();
      return await lease();
    });
    if (started !== undefined) return started;
  }
}

/** Asks the keeper for its addresses, and stays connected: that is what keeps it up. Undefined when there is none. */
function lease(): Promise<TestStack | undefined> {
  return new Promise((resolve) => {
    let received = '';
    const socket = createConnection(SOCKET);
    // A keeper that is just ending takes the connection and closes it without a word.
    socket.once('close', () => resolve(undefined));
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
      if (!received.endsWith('\n')) return;
      // Not a reason for this process to go on living.
      socket.unref();
      resolve(JSON.parse(received));
    });
  });
}

function startKeeper(): Promise<void> {
  const log = openSync(join(CHECKOUT_STATE, 'test-stack.log'), 'w');
  const keeper = spawn(process.execPath, [KEEPER, SOCKET], {
    env: childEnvironment({ NODE_OPTIONS: '' }),
    stdio: ['ignore', log, log, 'ipc'],
    // A group of its own: Ctrl-C ends the tests, and their end ends the keeper in order.
    detached: true,
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    keeper.once('error', reject);
    keeper.once('exit', () =>
      reject(new BanyanError('STACK_SERVICE_FAILED', `${KEEPER} ended; see .banyan/test-stack.log.`)),
    );
    keeper.on('message', (message: KeeperMessage) => {
      if ('say' in message) {
        process.stderr.write(`${message.say}\n`);
      } else if ('ready' in message) {
        keeper.disconnect();
        keeper.unref();
        resolve();
      } else {
        reject(new BanyanError(message.code, message.failed));
      }
    });
  });
}

export { type KeeperMessage, type TestStack, testStack };
