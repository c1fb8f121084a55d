import { newId } from '@banyan/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TargetReport } from './internal/operations.js';
import { placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;

beforeAll(async () => {
  rig = await PorterRig.start({ billing: true });
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(() => rig.reset());
afterEach(() => rig.stopPorters());

async function place(count: number): Promise<readonly string[]> {
  const keys = Array.from({ length: count }, () => newId());
  for (const key of keys) await rig.append('order', placed({ customerId, productId, quantity: 2 }), { key, on: 0 });
  return keys;
}

/** Once a port has sent these versions of every key; they must have come in this order. */
async function ported(keys: readonly string[], versions: readonly number[], port: string): Promise<void> {
  for (const key of keys) {
    const sent = async () =>
      (await rig.receipts(key))
        .filter((one) => one.port === port && one.outcome === 'ported')
        .map((one) => one.version);
    const all = await until(
      async () => ((await sent()).length >= versions.length ? await sent() : undefined),
      `versions ${versions} of ${key} at ${port}`,
    );
    expect(all).toEqual(versions);
  }
}

async function targetsOf(url: string): Promise<{ readonly legacy: TargetReport; readonly billing: TargetReport }> {
  const { targets } = (await (await fetch(new URL('/internal/status', url))).json()) as { targets: TargetReport[] };
  const [legacy, billing] = targets;
  if (legacy === undefined || billing === undefined) throw new Error('there are two targets');
  return { legacy, billing };
}

const slowFor = (url: string, reason: string) =>
  until(async () => {
    const targets = await targetsOf(url);
    return targets.legacy.slowReason === reason ? targets : undefined;
  }, `legacy to be slow: ${reason}`);
const metricsOf = async (url: string) => (await fetch(new URL('/metrics', url))).text();

describe('a backend in trouble', () => {
  it('is driven slower while it answers later than it should, and its status and metrics say why', async () => {
    await rig.faults({ latencyMs: 250 });
    const { url } = await rig.porter(undefined, {
      PORTER_LATENCY_OBJECTIVE_MS: '100',
      LEGACY_BILLING_LATENCY_OBJECTIVE_MS: '5000',
    });
    const keys = await place(24);
    const { legacy, billing } = await slowFor(url, 'latency');
    expect(legacy).toMatchObject({ max: 16, objectiveMs: 100 });
    expect(legacy.limit).toBeLessThan(16);
    expect(legacy.answerMs).toBeGreaterThanOrEqual(250);
    expect(legacy.slowBecause).toMatch(/^legacy answers in \d+ ms, objective 100 ms: \d+ of 16 calls at once$/);
    expect(billing).toMatchObject({ max: 8, limit: 8, objectiveMs: 5_000, slowReason: null, slowBecause: null });
    const metrics = await metricsOf(url);
    expect(metrics).toContain('banyan_porter_target_slow{target="legacy",reason="latency"} 1');
    expect(metrics).toContain('banyan_porter_target_slow{target="billing",reason="latency"} 0');
    expect(metrics).toMatch(/banyan_porter_target_slowed_total\{target="legacy",reason="latency"\} [1-9]/);
    expect(metrics).toContain('banyan_porter_target_objective_seconds{target="legacy"} 0.1');
    expect(metrics).toContain('banyan_porter_target_limit_max{target="legacy"} 16');
    // Slower, and nothing is left behind.
    await ported(keys, [1], 'backend');
    await ported(keys, [1], 'billing');
  });

  it('is left alone while it asks to be, and the other one goes on', async () => {
    const { url } = await rig.porter();
    const keys = await place(1);
    await ported(keys, [1], 'billing');
    await rig.faults({ tooMany: { count: 1, retryAfterSeconds: 240 } });
    for (const key of keys) await rig.append('order', revised({ customerId, productId, quantity: 3 }), { key, on: 1 });
    const { legacy, billing } = await slowFor(url, 'asked-to-wait');
    expect(legacy.limit).toBe(0);
    expect(legacy.slowBecause).toMatch(/^legacy asked to wait, \d+ s more \(.*HTTP 429/);
    expect(billing.slowReason).toBeNull();
    await ported(keys, [1, 2], 'billing');
    // What comes anew waits as well.
    const asked = await rig.requests();
    const [next = ''] = await place(1);
    await rig.workIn(next, 'ready');
    expect(await rig.requests()).toEqual(asked);
    expect((await targetsOf(url)).legacy.slowReason).toBe('asked-to-wait');
  });

  it('is tried with one call at a time when it fails again and again, and gets all in order when it is back', async () => {
    const { url } = await rig.porter();
    const keys = await place(6);
    await ported(keys, [1], 'backend');
    await rig.faults({ errors: { status: 503, count: 1_000 } });
    for (const on of [1, 2])
      for (const key of keys)
        await rig.append('order', revised({ customerId, productId, quantity: on + 2 }), { key, on });
    const { legacy } = await slowFor(url, 'breaker-open');
    expect(legacy.limit).toBeLessThanOrEqual(1);
    expect(legacy.slowBecause).toMatch(
      /^breaker of legacy open since 2\S+Z after \d+ failures in a row, the last: .*503.*; (next try in \d s|one call .*)$/,
    );
    expect(await metricsOf(url)).toContain('banyan_porter_target_slow{target="legacy",reason="breaker-open"} 1');
    await ported(keys, [1, 2, 3], 'billing');
    await rig.faults({});
    await ported(keys, [1, 2, 3], 'backend');
    expect((await targetsOf(url)).legacy.slowReason).not.toBe('breaker-open');
  });
});
