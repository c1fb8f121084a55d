import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const BANYAN = fileURLToPath(new URL('../bin/banyan.mjs', import.meta.url));

// Addresses where nobody listens: these commands have to end before they need anybody.
const ENVIRONMENT = {
  KAFKA_BROKERS: '127.0.0.1:9',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
  V2_DATABASE_URL: 'postgres://banyan_operator:secret-word@127.0.0.1:9/v2',
  BANYAN_DATABASE_URL: 'postgres://banyan_operator:secret-word@127.0.0.1:9/v2',
  LEGACY_URL: 'http://127.0.0.1:9',
};

function banyan(words: readonly string[], env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BANYAN, ...words], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('banyan', () => {
  it('names every variable that is missing at once, and ends with 2', () => {
    const { status, stdout, stderr } = banyan(['status'], {});
    expect(status).toBe(2);
    expect(stdout).toBe('');
    for (const name of Object.keys(ENVIRONMENT)) expect(stderr).toContain(name);
  });

  it('never prints the value of a variable that is wrong', () => {
    const { status, stderr } = banyan(['status'], { ...ENVIRONMENT, V2_DATABASE_URL: 'mysql://u:secret-word@h/d' });
    expect(status).toBe(2);
    expect(stderr).toContain('V2_DATABASE_URL');
    expect(stderr).not.toContain('secret-word');
  });

  it('changes nothing in an environment that was not named, and ends with 4', () => {
    const words = ['backfill', 'run', '--plan', 'abc', '--json'];
    const { status, stdout, stderr } = banyan(words, { ...ENVIRONMENT, ENVIRONMENT: 'production' });
    expect(status).toBe(4);
    expect(stderr).toContain('--confirm production');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CLI_ENVIRONMENT_NOT_CONFIRMED' } });
  });

  it('tells each app that is away, and ends with 1', () => {
    const away = {
      PROJECTOR_URL: 'http://127.0.0.1:9',
      PORTER_URL: 'http://127.0.0.1:9',
      NEW_API_URL: 'http://127.0.0.1:9',
    };
    const { status, stdout } = banyan(['status', '--json'], {
      ...ENVIRONMENT,
      ...away,
      PROXY_ADMIN_URL: 'http://127.0.0.1:9',
    });
    expect(status).toBe(1);
    const { apps, quiet } = JSON.parse(stdout) as { apps: { app: string; away?: string }[]; quiet: boolean };
    expect(apps.filter(({ away: why }) => why !== undefined).map(({ app }) => app)).toHaveLength(4);
    expect(quiet).toBe(false);
  });

  it('asks every process of an app that runs as several', () => {
    const addresses = { PORTER_URL: 'http://127.0.0.1:9, http://127.0.0.1:19', PROJECTOR_URL: 'http://127.0.0.1:9' };
    const { stdout } = banyan(['status', '--json'], { ...ENVIRONMENT, ...addresses });
    const { apps } = JSON.parse(stdout) as { apps: { app: string; away?: string }[] };
    const porters = apps.filter(({ app }) => app === 'legacy-porter').map(({ away }) => away);
    expect(porters).toEqual([expect.stringContaining('127.0.0.1:9;'), expect.stringContaining('127.0.0.1:19;')]);
  });

  it.each([
    'no-such-command',
    'backfill run',
    'backfill run --plan x --chunk many',
    'mismatches list --limit 0',
    'entities authority order --to new --patience abc',
    'entities authority order --to new --patience=-1',
    'verify --settle 1e9',
  ])('ends with 2 when it is called wrongly: %s', (line) => {
    expect(banyan(line.split(' '), ENVIRONMENT).status).toBe(2);
  });
});
