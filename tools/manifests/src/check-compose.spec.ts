import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { checkCompose } from './check-compose.js';
import { readComposeFile, type Service } from './compose-file.js';

let root: string;

const CONFIG = `export function readConfig(env) {
  if (!env.KAFKA_BROKERS) throw new Error('KAFKA_BROKERS: is required and not set');
  const { KAFKA_BROKERS, HOST, PORTER_URL } = env;
  return { KAFKA_BROKERS, HOST, PORTER_URL, PORT: Number(env.PORT ?? 4000) };
}`;

const WORKER: Service = {
  image: 'banyan:1.0.0',
  command: ['apps/worker/dist/main.js'],
  environment: { KAFKA_BROKERS: 'kafka:9092', HOST: '0.0.0.0' },
  ports: ['127.0.0.1:4000:4000'],
  stop_grace_period: '15s',
  healthcheck: { test: ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/4000 && echo GET /health/ready >&3'] },
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'banyan-checkout-'));
  mkdirSync(join(root, 'apps/worker/dist'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  writeFileSync(join(root, 'apps/worker/dist/config.js'), CONFIG);
  writeFileSync(join(root, 'apps/worker/dist/main.js'), '');
});
afterAll(() => rmSync(root, { recursive: true }));

function read(text: string) {
  const path = join(root, 'docker-compose.yml');
  writeFileSync(path, text);
  return readComposeFile(path);
}

function check(worker: Service, others: Record<string, Service> = {}) {
  const file = read(stringify({ services: { worker, ...others }, volumes: { data: null } }));
  return checkCompose(file, { root, image: 'banyan:1.0.0', drainSeconds: 10, apps: ['worker'] });
}

describe('a compose file', () => {
  it('is read with its variables at their defaults, and its anchors resolved', () => {
    const $ = '$';
    const { services, variables } = read(
      `x-a: &a\n  image: ${$}{IMAGE:-a:1}\nservices:\n  # ${$}{NOBODY}\n  one:\n    <<: *a\n    ports: ["${$}{PORT:-1}:2"]\n`,
    );
    expect(services).toEqual({ one: { image: 'a:1', ports: ['1:2'] } });
    expect(variables).toEqual(['IMAGE', 'PORT']);
    expect(() => read(`services:\n  one:\n    image: ${$}{IMAGE}\n`)).toThrow('IMAGE has no default');
  });

  it('passes when each service is what its app needs', async () => {
    expect(await check(WORKER)).toEqual([]);
  });

  it.each<[string, { readonly [Field in keyof Service]?: Service[Field] | undefined }, string]>([
    ['an image without a version', { image: 'banyan' }, 'no pinned image'],
    ['another image', { image: 'other:1.0.0' }, 'its image is not banyan:1.0.0'],
    ['a variable missing', { environment: { HOST: '0.0.0.0' } }, 'KAFKA_BROKERS: is required and not set'],
    ['a variable too much', { environment: { ...WORKER.environment, BROKER: 'a' } }, 'BROKER is no variable'],
    [
      'an address of nobody',
      { environment: { ...WORKER.environment, PORTER_URL: 'http://a:1' } },
      'PORTER_URL names a',
    ],
    ['a listener that nobody reaches', { environment: { KAFKA_BROKERS: 'kafka:9092' } }, 'HOST is not 0.0.0.0'],
    ['too little grace', { stop_grace_period: '10s' }, '10 s of grace are not above the 10 s'],
    ['a port for everybody', { ports: ['4000:4000'] }, 'is not of this machine only'],
    ['another port than its app', { ports: ['127.0.0.1:80:80'] }, 'is not its port 4000'],
    ['no health check', { healthcheck: undefined }, 'no health check'],
    ['a wrong health check', { healthcheck: { test: ['/dev/tcp/127.0.0.1/4001 GET /health/ready'] } }, 'ask port 4000'],
    ['an order that cannot be', { depends_on: { nobody: { condition: 'service_healthy' } } }, 'waits for nobody'],
    ['a volume that is not declared', { volumes: ['date:/var'] }, 'its volume date is not declared'],
    ['another program', { command: ['server.js'] }, 'what it runs is not known'],
  ])('is refused with %s', async (_, changed, problem) => {
    expect((await check({ ...WORKER, ...changed } as Service)).join()).toContain(problem);
  });

  it('wants no health check of what ends by itself', async () => {
    const once: Service = { image: 'postgres:18', command: ['true'] };
    const waits = { ...WORKER, depends_on: { once: { condition: 'service_completed_successfully' } } };
    expect(await check(waits, { once })).toEqual([]);
    expect(await check(WORKER, { once })).toEqual(['docker-compose.yml: once: no health check']);
  });

  it('is refused without one of the apps', async () => {
    const file = read('services:\n  kafka:\n    image: kafka:1\n    healthcheck: {test: []}\nvolumes: {}\n');
    const rules = { root, image: 'banyan:1.0.0', drainSeconds: 10, apps: ['worker'] };
    expect(await checkCompose(file, rules)).toEqual(['docker-compose.yml: worker is no service']);
  });
});
