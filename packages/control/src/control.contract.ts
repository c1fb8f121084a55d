import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Control } from './control.js';
import { entityControl, readMode } from './control-state.js';

const SHADOW = { type: 'banyan.control.v1.ReadModeSet', data: { subject: 'route:order.one', mode: 'shadow' } } as const;

/** What every `Control` keeps. */
export function controlContract(name: string, make: () => Promise<Control>): void {
  describe(name, () => {
    let control: Control;

    beforeAll(async () => {
      control = await make();
      await control.follow();
    }, 180_000);

    afterAll(async () => {
      await control?.close();
    });

    it('answers a change with the state that it made', async () => {
      const answer = await control.append(SHADOW, { by: 'ann', reason: 'a look first' });
      expect(answer).toMatchObject({ accepted: true, state: { reads: { 'order.one': 'shadow' } } });
      expect(readMode(control.state(), 'order.one')).toBe('shadow');
    });

    it('tells the second writer who was first, when, and why his change took no effect', async () => {
      const answer = await control.append(
        { type: SHADOW.type, data: { subject: 'route:order.one', mode: 'gone' } },
        { by: 'bob', expectedVersion: 0 },
      );
      expect(answer).toMatchObject({
        accepted: false,
        by: 'ann',
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        why: expect.stringContaining('is at version 1, not 0; ann wrote ReadModeSet'),
      });
      expect(readMode(control.state(), 'order.one')).toBe('shadow');
    });

    it('keeps both in the history, with their reasons', () => {
      expect(control.history('route:order.one')).toMatchObject([
        { type: 'ReadModeSet', by: 'ann', reason: 'a look first', accepted: true, why: null },
        { type: 'ReadModeSet', by: 'bob', reason: null, accepted: false, why: expect.stringContaining('version 1') },
      ]);
      expect(control.history('route:order.two')).toEqual([]);
    });

    it('tells listeners of what took effect, until they unsubscribe', async () => {
      let told = 0;
      const unsubscribe = control.onChange(() => {
        told += 1;
        throw new Error('a listener’s own fault');
      });
      await control.append(SHADOW, { by: 'bob' });
      expect(told).toBe(0);
      await control.append({ type: 'banyan.control.v1.EntityOpened', data: { subject: 'entity:order' } });
      expect(told).toBe(1);
      unsubscribe();
      await control.append({ type: 'banyan.control.v1.EntityOpened', data: { subject: 'entity:product' } });
      expect(told).toBe(1);
    });

    it('waits for a state, and not for ever', async () => {
      const opened = control.until((state) => entityControl(state, 'customer').opened, 20_000);
      await control.append({ type: 'banyan.control.v1.EntityOpened', data: { subject: 'entity:customer' } });
      expect(entityControl(await opened, 'customer').opened).toBe(true);
      await expect(control.until(() => false, 10)).rejects.toMatchObject({ code: 'CONTROL_TIMEOUT', retryable: true });
    });

    it('registers, prepares and leaves under its own start', async () => {
      await control.join({ app: 'legacy-api-proxy', url: 'http://127.0.0.1:1' });
      await control.join({ app: 'legacy-api-proxy', url: 'http://127.0.0.1:2' });
      expect(Object.values(control.state().parties)).toMatchObject([{ url: 'http://127.0.0.1:2' }]);
      await control.prepared('order');
      expect(control.history('entity:order').some(({ type }) => type === 'MovePrepared')).toBe(false);
      await control.append({
        type: 'banyan.control.v1.MovePlanned',
        data: { subject: 'entity:order', direction: 'forward', epoch: 1, share: 100, toMode: 'new' },
      });
      await control.prepared('order');
      expect(entityControl(control.state(), 'order').move?.prepared).toEqual(Object.keys(control.state().parties));
      await control.leave();
      await control.leave();
      expect(control.state().parties).toEqual({});
    });
  });
}
