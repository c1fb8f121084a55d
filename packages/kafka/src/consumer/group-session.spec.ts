import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerConfig, ConsumerRunConfig, Kafka } from 'kafkajs';
import { GroupSession } from './group-session.js';

type Listener = (event: { payload: never }) => void;

/** kafkajs as far as a session uses it; the test makes its events. */
class Bench {
  config: ConsumerConfig | undefined;
  run: ConsumerRunConfig | undefined;
  subscribed: unknown;
  readonly calls: string[] = [];
  readonly told: unknown[] = [];
  takes = true;
  readonly #listeners = new Map<string, Listener>();
  readonly session: GroupSession;

  constructor() {
    const consumer = {
      events: { GROUP_JOIN: 'join', REBALANCING: 'rebalancing', FETCH_START: 'fetch', CRASH: 'crash' },
      on: (name: string, listener: Listener) => this.#listeners.set(name, listener),
      connect: async () => undefined,
      disconnect: async () => void this.calls.push('disconnect'),
      subscribe: async (topic: unknown) => {
        this.subscribed = topic;
      },
      run: async (run: ConsumerRunConfig) => {
        this.run = run;
      },
      pause: ([topic]: [{ partitions: number[] }]) => void this.calls.push(`pause ${topic.partitions}`),
      resume: () => void this.calls.push('resume'),
      seek: () => {
        throw new Error('the consumer has crashed');
      },
    };
    const kafka = {
      consumer: (config: ConsumerConfig) => {
        this.config = config;
        return consumer as unknown as Consumer;
      },
    } as unknown as Kafka;
    this.session = new GroupSession(kafka, 't', 'g', {
      tried: () => undefined,
      joined: (partitions) => this.calls.push(`joined ${partitions}`),
      rebalancing: () => this.calls.push('rebalancing'),
      fetched: (partition, records) => {
        this.calls.push(`fetched ${partition}: ${records.map(({ offset }) => offset)}`);
        return this.takes;
      },
      ended: (error, fatal) => this.told.push([error.message, fatal]),
    });
  }

  happens(name: string, payload: unknown = {}): void {
    this.#listeners.get(name)?.({ payload } as { payload: never });
  }

  /** kafkajs hands over a batch of partition 1. */
  async batch({ isStale = false } = {}): Promise<void> {
    const messages = [3, 4].map((offset) => ({ offset: String(offset), timestamp: '0', key: null, value: null }));
    const batch = { partition: 1, messages, highWatermark: '9', lastOffset: () => '4' };
    await this.run?.eachBatch?.({
      batch,
      isStale: () => isStale,
      resolveOffset: (offset: string) => this.calls.push(`resolve ${offset}`),
      pause: () => this.calls.push('pause this one'),
    } as never);
  }
}

describe('GroupSession', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('asks kafkajs for nothing that moves a position by itself', () => {
    expect(bench.run).toMatchObject({ autoCommit: false, eachBatchAutoResolve: false });
    expect(bench.run?.eachMessage).toBeUndefined();
    // With false a lost offset skips to the end of the log.
    expect(bench.subscribed).toEqual({ topic: 't', fromBeginning: true });
    expect(bench.config).toMatchObject({ groupId: 'g', allowAutoTopicCreation: false });
    // A stop waits for the fetch under way.
    expect(bench.config?.maxWaitTimeInMs).toBeLessThanOrEqual(500);
  });

  it('is within what liveness allows, however long a join hangs', () => {
    const { sessionTimeout = 0, rebalanceTimeout = 0, heartbeatInterval = 0 } = bench.config ?? {};
    expect(Math.max(sessionTimeout, rebalanceTimeout)).toBeLessThan(20_000);
    expect(heartbeatInterval * 3).toBeLessThan(sessionTimeout);
  });

  it('pauses what it was given before the first fetch: the store says where to begin', () => {
    bench.happens('join', { memberAssignment: { t: [0, 2] } });
    bench.happens('join', { memberAssignment: {} });
    expect(bench.calls).toEqual(['pause 0,2', 'joined 0,2', 'joined ']);
  });

  it('moves on only by what was taken', async () => {
    await bench.batch();
    bench.takes = false;
    await bench.batch();
    await bench.batch({ isStale: true });
    expect(bench.calls).toEqual(['fetched 1: 3,4', 'resolve 4', 'fetched 1: 3,4']);
  });

  it('says nothing more when it is closed, and pauses what still comes: unresolved, it would come at once again, for ever', async () => {
    await bench.session.close();
    await bench.batch();
    bench.happens('join', { memberAssignment: { t: [0] } });
    bench.happens('rebalancing');
    bench.happens('crash', { error: new Error('too late') });
    bench.session.resume(1);
    // Disconnected again behind the opening that was under way: kafkajs may have connected once more in it.
    expect(bench.calls).toEqual(['disconnect', 'disconnect', 'pause this one']);
    expect(bench.told).toEqual([]);
  });

  it('ends with a crash, which kafkajs must not mend by itself: it keeps the broken client', async () => {
    bench.happens('crash', { error: new TypeError('x of undefined') });
    expect(await bench.config?.retry?.restartOnFailure?.(new Error('worth a retry'))).toBe(false);
    bench.happens('crash', { error: new Error('worth a retry') });
    expect(bench.told).toEqual([
      ['x of undefined', true],
      ['worth a retry', false],
    ]);
  });

  it('lets no control call throw that comes when kafkajs has crashed', () => {
    expect(() => bench.session.seek(0, 3n)).not.toThrow();
  });
});
