import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireEqual, type Tally } from '../harness/gate.js';
import { asEarlier, orders, readToday, textOf } from './orders.js';

/** A way to write and read, as its library offers it: with a promise or without. */
export interface WayToWrite {
  encode(data: unknown): Buffer | Promise<Buffer>;
  decode(value: Buffer): unknown;
  /** As a writer with the earlier schema wrote it; not measured. */
  encodeEarlier(data: unknown): Buffer | Promise<Buffer>;
  /** Reads what that one wrote. */
  decodeEarlier(value: Buffer): unknown;
  /** Whether it makes today's data of the earlier one; JSON leaves that to its caller. */
  readonly resolves: boolean;
}

export interface CodecInput {
  /** How long each of the three is measured, milliseconds of CPU; a third of it before, to warm up. */
  readonly measureMs: number;
}

const ORDERS = 1_000;

/** Operations per second of CPU, collection of garbage included: others on the machine do not count. @throws `BENCH_WRONG_RESULT` when what is read is not what was written */
export async function measureCodec(
  name: string,
  way: WayToWrite,
  { measureMs }: CodecInput,
): Promise<Readonly<Record<string, number>>> {
  const data = orders(ORDERS);
  const values = await all(data, way.encode);
  const earlier = data.map(asEarlier);
  const earlierValues = await all(earlier, way.encodeEarlier);
  const expected: readonly unknown[] = way.resolves ? earlier.map(readToday) : earlier;
  requireEqual(`${name}, decode`, await tallyOf(values, way.decode), await tallyOf(data));
  requireEqual(
    `${name}, decode with evolution`,
    await tallyOf(earlierValues, way.decodeEarlier),
    await tallyOf(expected),
  );
  return {
    encodesPerCpuSecond: await rate(data, way.encode, measureMs),
    decodesPerCpuSecond: await rate(values, way.decode, measureMs),
    evolvedDecodesPerCpuSecond: await rate(earlierValues, way.decodeEarlier, measureMs),
    bytes: Math.round(values.reduce((sum, value) => sum + value.length, 0) / values.length),
  };
}

/** Copies, for the reason below. */
async function all<T>(items: readonly T[], work: (item: T) => Buffer | Promise<Buffer>): Promise<readonly Buffer[]> {
  const made: Buffer[] = [];
  for (const item of items) made.push(Buffer.from(await work(item)));
  return made;
}

/** One after the other, and none is kept: of what survives at first V8 makes all that follow where the old lies, three times as slowly. */
async function tallyOf<T>(items: readonly T[], made: (item: T) => unknown = (item) => item): Promise<Tally> {
  const hash = createHash('sha256');
  for (const item of items) hash.update(textOf(await made(item)));
  return { count: items.length, checksum: hash.digest('hex').slice(0, 16) };
}

async function rate<T>(items: readonly T[], work: (item: T) => unknown, measureMs: number): Promise<number> {
  await turn(items, work, measureMs / 3);
  const { operations, seconds } = await turn(items, work, measureMs);
  return operations / seconds;
}

/** What is made is kept until the next one, so that nothing is optimised away. */
let last: unknown;

async function turn<T>(items: readonly T[], work: (item: T) => unknown, forMs: number) {
  const begun = process.cpuUsage();
  let seconds = 0;
  let operations = 0;
  do {
    for (const item of items) {
      const made = work(item);
      last = made instanceof Promise ? await made : made;
    }
    operations += items.length;
    // So that the process hears when the one that measures is gone.
    await nextTurn();
    const { user, system } = process.cpuUsage(begun);
    seconds = (user + system) / 1e6;
  } while (seconds * 1000 < forMs);
  if (last === undefined) throw new Error('nothing was made');
  return { operations, seconds };
}
