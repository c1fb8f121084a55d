import { callLegacy } from '../legacy-client.js';
import { type LegacyRow, NEW_ORDER } from '../testing/two-doors.js';
import { until } from '../until.js';
import type { Arena } from './arena.js';

/**
 * Orders that legacy gets behind Banyan's back, at its own address, as a batch job makes them. Legacy may be in trouble just then: what it
 * refuses it has not done, and where it said nothing it is asked.
 */
export function oldRows({ world, random }: Arena, about: string, count: number): Promise<readonly LegacyRow[]> {
  const { legacy } = world.urls;
  const call = async (method: string, path: string, body?: object): Promise<LegacyRow | undefined> => {
    const answer = await callLegacy(legacy, method, path, body).catch(() => undefined);
    if (answer === undefined || !answer.status.startsWith('20')) return undefined;
    return [JSON.parse(answer.body)].flat()[0] as LegacyRow | undefined;
  };
  const one = (): Promise<LegacyRow> => {
    const PoNumber = `${about} ${random.below(2 ** 31)}`;
    return until(
      `legacy takes the order ${PoNumber}`,
      async () =>
        (await call('POST', '/api/orders', { ...NEW_ORDER, PoNumber })) ??
        (await call('GET', `/api/orders?PoNumber=${encodeURIComponent(PoNumber)}`)),
    );
  };
  return Promise.all(Array.from({ length: count }, one));
}
