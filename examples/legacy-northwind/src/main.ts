import { readConfig } from './config.js';
import { loadNorthwindIfEmpty } from './load.js';
import { startLegacy } from './start.js';

function say(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const config = readConfig();
  if (await loadNorthwindIfEmpty(config.LEGACY_DATABASE_URL)) say({ msg: 'loaded the Northwind rows' });
  const legacy = await startLegacy({
    databaseUrl: config.LEGACY_DATABASE_URL,
    host: config.HOST,
    port: config.PORT,
    adminPort: config.ADMIN_PORT,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void legacy.stop().then(() => say({ msg: 'stopped' })));
  }
  say({ msg: 'listening', url: legacy.url, adminUrl: legacy.adminUrl });
} catch (error) {
  say({ msg: 'cannot start', error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
