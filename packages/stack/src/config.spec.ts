import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chooseProvider } from './choose-provider.js';
import { readStackConfig } from './config.js';

const SERVERS = { KAFKA_BROKERS: 'k:9092', SCHEMA_REGISTRY_URL: 'http://r', DATABASE_URL: 'postgres://d/x' };
const NO_DOCKER = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
const all = ['kafka', 'registry', 'postgres'] as const;
const quiet = (): void => undefined;

describe('the configuration of the stack', () => {
  it('keeps downloads below XDG_CACHE_HOME, or ~/.cache', () => {
    expect(readStackConfig({ XDG_CACHE_HOME: '/c' }).cacheDirectory).toBe('/c/banyan');
    expect(readStackConfig({}).cacheDirectory).toBe(join(homedir(), '.cache', 'banyan'));
  });

  it('takes an empty variable for an unset one', () => {
    expect(readStackConfig({ BANYAN_STACK: '', KAFKA_BROKERS: ' ' })).toMatchObject({
      provider: undefined,
      kafkaBrokers: undefined,
    });
  });

  it('refuses an unknown BANYAN_STACK with the choices', () => {
    expect(() => readStackConfig({ BANYAN_STACK: 'podman' })).toThrow(/"podman"; set it to env, docker or local/);
  });
});

describe('the provider', () => {
  it('is the environment when all three addresses are set', async () => {
    const provider = await chooseProvider(readStackConfig({ ...SERVERS, ...NO_DOCKER }), all, quiet);
    expect(provider).toMatchObject({ name: 'env', why: expect.stringContaining('are set') });
  });

  it('is local when one address is missing and Docker does not answer', async () => {
    const config = readStackConfig({ ...SERVERS, DATABASE_URL: '', ...NO_DOCKER });
    expect(await chooseProvider(config, all, quiet)).toMatchObject({ name: 'local', why: 'Docker does not answer' });
  });

  it('is the one that BANYAN_STACK names, whatever else is there', async () => {
    const config = readStackConfig({ ...SERVERS, BANYAN_STACK: 'local' });
    expect(await chooseProvider(config, all, quiet)).toMatchObject({ name: 'local' });
  });

  it('is refused with the ways out when BANYAN_STACK names Docker and it does not answer', async () => {
    const config = readStackConfig({ BANYAN_STACK: 'docker', ...NO_DOCKER });
    await expect(chooseProvider(config, all, quiet)).rejects.toMatchObject({
      code: 'STACK_PREREQUISITE_MISSING',
      message: expect.stringMatching(/Docker does not answer; either start Docker, or install Java 17/),
    });
  });
});
