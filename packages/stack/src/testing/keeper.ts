import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { isBanyanError } from '@banyan/core';
import type { Stack } from '../stack.js';
import { startStack } from '../start-stack.js';
import type { KeeperMessage, TestStack } from './test-stack.js';

/** The starter connects at once; it died when it has not after this time. */
const FIRST_LEASE_TIMEOUT_MS = 30_000;

/**
 * Keeps the tests' stack up while anybody is connected to `socketPath`. A connection ends with its process, also by kill -9,
 * which no hook inside a test process would notice.
 */
async function keep(socketPath: string): Promise<void> {
  // Whoever started this died before the stack was up; exit ends what has been started.
  const orphaned = (): void => process.exit(1);
  process.once('disconnect', orphaned);
  const stack = await startStack({ ephemeral: true, say: (line) => tell({ say: line }) });
  const server = createServer();
  const deadline = setTimeout(() => void end(server, stack), FIRST_LEASE_TIMEOUT_MS);
  let leases = 0;
  server.on('connection', (socket) => {
    clearTimeout(deadline);
    leases++;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      leases--;
      if (leases === 0) void end(server, stack);
    });
    socket.resume().write(`${JSON.stringify(addresses(stack))}\n`);
  });
  rmSync(socketPath, { force: true });
  server.listen(socketPath, () => {
    process.off('disconnect', orphaned);
    tell({ ready: true });
  });
}

async function end(server: Server, stack: Stack): Promise<void> {
  // Nobody new first: who connects from now on finds no keeper and starts another one.
  server.close();
  await stack.stop();
  process.exit(0);
}

function addresses({ kafkaBrokers, schemaRegistryUrl, databaseUrl }: Stack): TestStack {
  return { kafkaBrokers, schemaRegistryUrl, databaseUrl };
}

function tell(message: KeeperMessage): void {
  if (process.connected) process.send?.(message);
}

keep(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error);
  const code = isBanyanError(error) ? error.code : 'STACK_SERVICE_FAILED';
  tell({ code, failed: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
