import { describe, expect, it } from '@jest/globals';
import { createConsumerGauge, exposition } from './metrics.js';

describe('a gauge of consumers', () => {
  it('asks for each at each scrape, and leaves out what is not known', async () => {
    const values = new Map([['order', 1]]);
    createConsumerGauge({
      name: 'banyan_test_things',
      help: 'Things.',
      consumers: ['order', 'customer'],
      read: (consumer) => values.get(consumer),
    });
    expect((await exposition()).text).toContain('banyan_test_things{consumer="order"} 1\n');
    values.set('order', 2);
    const { text } = await exposition();
    expect(text).toContain('banyan_test_things{consumer="order"} 2\n');
    expect(text).not.toContain('customer');
    values.delete('order');
    expect((await exposition()).text).not.toContain('consumer="order"');
  });

  it('is that of the app which asked for it last', async () => {
    const gauge = (value: number) =>
      createConsumerGauge({ name: 'banyan_test_last', help: 'Last.', consumers: ['order'], read: () => value });
    gauge(1);
    gauge(2);
    expect((await exposition()).text).toContain('banyan_test_last{consumer="order"} 2\n');
  });
});
