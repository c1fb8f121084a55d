import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CHECKOUT } from './checkout.js';
import { childEnvironment } from './config.js';
import { kafkaAnswers } from './kafka-answers.js';
import { waitUntil } from './wait-until.js';

const MAIN = join(CHECKOUT, 'packages', 'stack', 'dist', 'main.js');
const NO_SERVERS = { KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '', DATABASE_URL: '', BANYAN_STACK: '', NODE_OPTIONS: '' };
const NO_DOCKER = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

const runs: Run[] = [];

afterEach(async () => {
  for (const { process: child, exited } of runs.splice(0)) {
    child.kill('SIGTERM');
    await exited;
  }
});

interface Run {
  readonly process: ReturnType<typeof spawn>;
  readonly exited: Promise<unknown[]>;
  out(): string;
  err(): string;
}

function main(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN, '--ephemeral'], {
    env: childEnvironment({ ...NO_SERVERS, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const run = { process: child, exited: once(child, 'close'), out: () => out, err: () => err };
  runs.push(run);
  return run;
}

describe('node packages/stack/dist/main.js', () => {
  it('says in one sentence what is missing and the two ways to get it', async () => {
    const run = main({ ...NO_DOCKER, PATH: '/nowhere', JAVA_HOME: '' });
    expect(await run.exited).toEqual([1, null]);
    expect(run.err().trim().split('\n').at(-1)).toBe(
      'STACK_PREREQUISITE_MISSING: No local stack: Docker does not answer, and Java was not found (JAVA_HOME, PATH); ' +
        'either start Docker, or install Java 17 or newer together with Maven.',
    );
    expect(run.out()).toBe('');
  });

  it('needs Maven only while Kafka and the registry are not in the cache yet', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'banyan-cache-'));
    const java = await javaHome();
    try {
      const run = main({ ...NO_DOCKER, PATH: '/nowhere', JAVA_HOME: java, XDG_CACHE_HOME: cache });
      expect(await run.exited).toEqual([1, null]);
      expect(run.err()).toContain('Docker does not answer, and Maven (mvn) was not found on PATH; either start Docker');
    } finally {
      rmSync(cache, { recursive: true });
    }
  });

  it('prints three addresses for the environment, serves until Ctrl-C, and leaves nothing', async () => {
    const run = main({});
    const printed = (): boolean => run.out().split('\n').length > 3;
    expect(await waitUntil(() => printed() || run.process.exitCode !== null, { timeoutMs: 240_000 })).toBe(true);
    const [, host = '', port] = /^KAFKA_BROKERS=(.+):(\d+)$/m.exec(run.out()) ?? [];
    expect(run.out()).toMatch(/^SCHEMA_REGISTRY_URL=http:.+\/apis\/ccompat\/v7$/m);
    expect(run.out()).toMatch(/^DATABASE_URL=postgres:.+$/m);
    expect(await kafkaAnswers(host, Number(port), 30_000)).toBe(true);
    run.process.kill('SIGINT');
    expect(await run.exited).toEqual([130, null]);
    await expect(kafkaAnswers(host, Number(port))).rejects.toThrow('ECONNREFUSED');
  }, 300_000);
});

async function javaHome(): Promise<string> {
  const child = spawn('java', ['-XshowSettings:properties', '-version'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return /java\.home = (.+)/.exec(text)?.[1] ?? '';
}
