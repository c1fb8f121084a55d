import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkWorkloads } from './check-workloads.js';
import type { Container, Resource } from './resource.js';
import { CONTAINER, SERVICE, workload } from './testing/workload.js';

/** A checkout with one app, which needs DATABASE and reads two more. */
let root: string;

const CONFIG = `export function readConfig(env) {
  if (!env.DATABASE) throw new Error('DATABASE: is required and not set');
  return { DATABASE: env.DATABASE, PORT: Number(env.PORT ?? 4000), WORKER_URL: env.WORKER_URL };
}`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'banyan-checkout-'));
  mkdirSync(join(root, 'apps/worker/dist'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  writeFileSync(join(root, 'apps/worker/dist/config.js'), CONFIG);
  writeFileSync(join(root, 'apps/worker/dist/main.js'), '');
});
afterAll(() => rmSync(root, { recursive: true }));

function check(resource: Resource, secrets: readonly Resource[] = []) {
  const rules = { root, image: /^banyan:1\.0\.0$/, drainSeconds: 10, secrets };
  return checkWorkloads([resource, SERVICE], rules);
}

const env = (name: string, value: string) => ({ env: [...(CONTAINER.env ?? []), { name, value }] });

describe('a workload', () => {
  it('passes when it is what its app needs', async () => {
    expect(await check(workload())).toEqual([]);
  });

  it.each<[string, Partial<Container>, string]>([
    ['another image', { image: 'banyan:latest' }, 'its image is banyan:latest'],
    ['no limit', { resources: {} }, 'no memory limit'],
    ['a root file system to write', { securityContext: {} }, 'can be written'],
    ['another program', { args: ['server.js'] }, 'what it runs is not known: server.js'],
    [
      'another port than its app',
      { ports: [{ name: 'http', containerPort: 80 }] },
      'port http is 80, and PORT is 8080',
    ],
    ['no port', { ports: [] }, 'no port'],
    ['no probe', { startupProbe: {} }, 'startupProbe does not ask port http'],
    ['the wrong page', { readinessProbe: CONTAINER.livenessProbe ?? {} }, 'readinessProbe does not ask /health/ready'],
    ['a variable missing', { env: [{ name: 'PORT', value: '8080' }] }, 'DATABASE: is required and not set'],
    ['a variable too much', env('DATABSE', 'there'), 'DATABSE is no variable that it reads'],
    ['an address of nobody', env('PORTER_URL', 'http://porter:8080'), 'PORTER_URL is http://porter:8080'],
    ['an address with a wrong port', env('PORTER_URL', 'http://worker'), 'there is no such Service'],
  ])('is refused with %s', async (_, container, problem) => {
    expect((await check(workload(container))).join()).toContain(problem);
  });

  it('takes its Secrets from where the environment has them', async () => {
    const secret = (data: object): Resource => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'secret' },
      stringData: data,
    });
    const container = { env: [{ name: 'PORT', value: '8080' }], envFrom: [{ secretRef: { name: 'secret' } }] };
    expect(await check(workload(container), [secret({ DATABASE: 'there' })])).toEqual([]);
    expect(await check(workload(container), [secret({ DATABASE: 'there', MORE: 'x' })])).toEqual([
      'Deployment worker: MORE is no variable that it reads',
    ]);
  });

  it('is refused when it is ended before it has drained', async () => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '5'] } } };
    expect(await check(workload({ lifecycle }, { terminationGracePeriodSeconds: 16 }))).toEqual([]);
    expect(await check(workload({ lifecycle }, { terminationGracePeriodSeconds: 15 }))).toEqual([
      'Deployment worker: 15 s of grace are not above the 15 s that its end takes',
    ]);
  });

  it('is refused as another user', async () => {
    expect(await check(workload({}, { securityContext: { runAsUser: 0 } }))).toEqual([
      'Deployment worker: its pods do not run as user 1000',
    ]);
  });
});
