import { request } from 'undici';
import { until } from '../../until.js';
import type { World } from '../../world.js';
import type { Fault } from '../fault.js';

const USED_UP_MS = 60_000;

/** Of its writes alone: what its readers meet they pass on to their callers. */
const trouble = (name: string, ...settings: readonly object[]): Fault => ({
  name,
  breaks: ['legacy'],
  strike: async ({ world }) => {
    for (const one of settings) {
      for (const method of ['POST', 'PUT']) {
        await faults(world, {
          method: 'POST',
          body: JSON.stringify({ ...one, only: { method, pathPrefix: '/api/orders' } }),
        });
        await until(`legacy has met every ${method} with: ${name}`, () => usedUp(world), USED_UP_MS);
      }
    }
    await faults(world, { method: 'DELETE' });
    return undefined;
  },
});

/** What legacy itself does to those who write to it. */
export const legacyTroubles: readonly Fault[] = [
  trouble('legacy answers 429', { tooMany: { count: 8, retryAfterSeconds: 1 } }),
  trouble('legacy answers 5xx', { errors: { status: 500, count: 4 } }, { errors: { status: 503, count: 4 } }),
  trouble('legacy hangs', { hang: 3 }),
];

async function usedUp(world: World): Promise<true | undefined> {
  const { only: _, ...left } = (await faults(world, { method: 'GET' })) as { only?: unknown };
  return Object.keys(left).length === 0 ? true : undefined;
}

async function faults(world: World, options: { method: 'GET' | 'POST' | 'DELETE'; body?: string }): Promise<object> {
  const headers = { 'content-type': 'application/json' };
  const answer = await request(`${world.urls['legacy-admin']}/faults`, {
    ...options,
    ...(options.body ? { headers } : {}),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`legacy's faults: ${answer.statusCode} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as object);
}
