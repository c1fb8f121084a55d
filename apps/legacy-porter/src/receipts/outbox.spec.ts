import { RECEIPTS_TOPIC } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { BanyanError, newId } from '@banyan/core';
import { VirtualTime } from '@banyan/core/testing';
import type { Appender } from '@banyan/kafka';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aReceipt } from '../testing/a-receipt.js';
import { memoryWorld } from '../testing/memory-world.js';
import type { PorterWorld } from '../testing/porter-world.js';
import { type Outbox, startOutbox } from './outbox.js';

let time: VirtualTime;
let world: PorterWorld;
let log: InMemoryEventLog;
let outbox: Outbox | undefined;
let errors: unknown[];

beforeEach(async () => {
  time = new VirtualTime();
  world = memoryWorld();
  log = new InMemoryEventLog();
  await log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 3 }]);
  errors = [];
});
afterEach(async () => {
  let stopped = outbox === undefined;
  void outbox?.stop().then(() => {
    stopped = true;
  });
  await time.until(() => stopped);
  await log.close();
});

/** @param append what stands before the log; who names no deadline waits 20 ms only */
async function start(
  append: (log: Appender, ...args: Parameters<Appender['append']>) => ReturnType<Appender['append']>,
) {
  const appender = await log.appender();
  outbox = startOutbox({
    store: world.store,
    codec: await inMemoryCodec([EventHandled]),
    appender: {
      ...({} as Appender),
      append: (record, { deadlineMs = 20 } = {}) => {
        const appended = append(appender, record, { deadlineMs: Number.POSITIVE_INFINITY });
        return deadlineMs === Number.POSITIVE_INFINITY ? appended : Promise.race([appended, late(deadlineMs)]);
      },
    },
    prefix: '',
    writer: 'porter-0',
    timers: time,
    onError: (error) => errors.push(error),
  });
  return outbox;
}

const late = (ms: number) =>
  new Promise<never>((_, reject) => time.after(ms, () => reject(new BanyanError('LOG_UNKNOWN', 'late'))));

const note = (...keys: string[]) =>
  world.store.alone.addReceipts(
    'porter-0',
    keys.map((key) => ({ trace: {}, body: aReceipt({ key }) })),
  );
const keysInLog = () => log.records(RECEIPTS_TOPIC).map(({ key }) => key);
const waiting = async () => (await world.store.alone.waitingReceipts('porter-0', [], 1_000)).length;

describe('the outbox', () => {
  it('appends each receipt once, however often it is woken while the log is away', async () => {
    const keys = [newId(), newId(), newId()];
    await note(...keys);
    log.down();
    const { wake } = await start((to, ...args) => to.append(...args));
    for (let times = 0; times < 20; times += 1) {
      wake();
      await time.pass(500);
    }
    log.up();
    wake();
    await time.until(async () => (await waiting()) === 0);
    expect(keysInLog().sort()).toEqual([...keys].sort());
    expect(errors).toEqual([]);
  });

  it('goes on with others while some get no answer', async () => {
    const stuck = newId();
    let tries = 0;
    const { wake } = await start((to, record, options) => {
      if (record.key !== stuck) return to.append(record, options);
      tries += 1;
      return new Promise(() => undefined);
    });
    await note(stuck, newId());
    wake();
    await time.until(async () => (await waiting()) === 1);
    await note(newId(), newId());
    wake();
    await time.until(async () => (await waiting()) === 1);
    expect(keysInLog()).toHaveLength(3);
    expect(tries).toBe(1);
  });

  it('appends what was noted last before it stops', async () => {
    const { stop } = await start((to, ...args) => to.append(...args));
    await note(newId());
    await stop();
    expect(keysInLog()).toHaveLength(1);
    expect(await waiting()).toBe(0);
  });

  it('appends again what was not written, and says why', async () => {
    const refusal = new BanyanError('LOG_NOT_WRITTEN', 'the queue is full', { retryable: true });
    let refusals = 1;
    await note(newId());
    await start(async (to, ...args) => {
      if (refusals-- > 0) throw refusal;
      return to.append(...args);
    });
    await time.until(async () => (await waiting()) === 0);
    expect(errors).toEqual([refusal]);
    expect(keysInLog()).toHaveLength(1);
  });
});
