import { NOTHING_CONTROLLED } from '@banyan/control';
import { inMemoryControl } from '@banyan/control/testing';
import { describe, expect, it } from '@jest/globals';
import type { PortSwitch } from '../store/porter-store.js';
import { followSwitches, switchesOf } from './follow-switches.js';

const OFF = { ports: { 'order.backend': 'off' }, versions: { 'port:order.backend': 1 } } as const;
const ON = { ports: { 'order.backend': 'on' }, versions: { 'port:order.backend': 2 } } as const;

describe('followSwitches', () => {
  it('carries each switch of its own ports over, and nothing of others or of ports nobody switched', () => {
    const state = { ...NOTHING_CONTROLLED, ...OFF };
    expect(switchesOf(state, ['order.backend', 'product.backend'])).toEqual([
      { consumer: 'order.backend', mode: 'off', version: 1 },
    ]);
    expect(switchesOf(state, ['product.backend'])).toEqual([]);
  });

  it('applies what is so already at the start, then every change, and nothing twice', async () => {
    const control = inMemoryControl(OFF);
    const seen: PortSwitch[] = [];
    const told = Promise.withResolvers<void>();
    const stop = followSwitches({
      control,
      consumers: ['order.backend'],
      apply: async (one) => {
        seen.push(one);
        if (one.mode === 'on') told.resolve();
      },
      onError: told.reject,
    });
    control.replace({ reads: { 'order.one': 'new' } });
    control.replace(ON);
    await told.promise;
    control.replace({ reads: {} });
    await stop();
    expect(seen.map(({ mode, version }) => `${mode} ${version}`)).toEqual(['off 1', 'on 2']);
  });

  it('tries again what could not be stored, with what is so by then', async () => {
    const control = inMemoryControl(OFF);
    const tries: PortSwitch[] = [];
    const told = Promise.withResolvers<void>();
    const stop = followSwitches({
      control,
      consumers: ['order.backend'],
      retryMs: 1,
      apply: async (one) => {
        tries.push(one);
        if (tries.length === 1) throw new Error('away');
        told.resolve();
      },
      onError: () => control.replace(ON),
    });
    await told.promise;
    await stop();
    expect(tries.map(({ mode }) => mode)).toEqual(['off', 'on']);
  });

  it('does nothing more once it is stopped', async () => {
    const control = inMemoryControl();
    let applied = 0;
    const stop = followSwitches({
      control,
      consumers: ['order.backend'],
      apply: async () => {
        applied += 1;
      },
      onError: () => undefined,
    });
    await stop();
    control.replace(OFF);
    await new Promise(setImmediate);
    expect(applied).toBe(0);
  });
});
