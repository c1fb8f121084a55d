import { readConfig } from './config.js';
import { makeTables } from './schema.js';
import { startBilling } from './start.js';

function say(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const config = readConfig();
  if (await makeTables(config.BILLING_DATABASE_URL)) say({ msg: 'made the tables' });
  const billing = await startBilling({
    databaseUrl: config.BILLING_DATABASE_URL,
    host: config.HOST,
    port: config.PORT,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void billing.stop().then(() => say({ msg: 'stopped' })));
  }
  say({ msg: 'listening', url: billing.url });
} catch (error) {
  say({ msg: 'cannot start', error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
