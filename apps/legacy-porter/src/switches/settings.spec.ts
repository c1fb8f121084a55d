import { inMemoryControl } from '@banyan/control/testing';
import { describe, expect, it } from '@jest/globals';
import { controlName, settingOf, settingsOf } from './settings.js';

const subject = 'consumer:legacy-porter.order.backend';

describe('what the control log says of a port’s consumer', () => {
  it('is nothing before somebody spoke: it runs with what the process was started with', () => {
    const { state } = inMemoryControl();
    expect(settingOf(state(), 'order.backend')).toEqual({ paused: false, sends: undefined });
    expect(settingsOf(state(), ['order.backend'])).toEqual([]);
  });

  it('is the last word about it, with the version that it has there, and of no other', async () => {
    const control = inMemoryControl();
    expect(controlName('order.backend')).toBe('legacy-porter.order.backend');
    await control.append({ type: 'banyan.control.v1.ConcurrencySet', data: { subject, sends: 40 } });
    await control.append({ type: 'banyan.control.v1.ConsumerPaused', data: { subject } });
    await control.append({
      type: 'banyan.control.v1.ConsumerPaused',
      data: { subject: 'consumer:v2-projector.order' },
    });
    expect(settingsOf(control.state(), ['order.backend', 'product.backend'])).toEqual([
      { consumer: 'order.backend', version: 2, paused: true, sends: 40 },
    ]);
    await control.append({ type: 'banyan.control.v1.ConsumerResumed', data: { subject } });
    expect(settingOf(control.state(), 'order.backend')).toEqual({ paused: false, sends: 40 });
  });
});
