import { createPool } from '@banyan/postgres';
import avro from 'avsc';
import type { Arm } from '../harness/arm.js';
import { idOf, parcelChanges } from '../parcels/data-set.js';
import { type ParcelData, ParcelMoved } from '../parcels/events.js';
import type { ProjectorInput } from '../projector/input.js';
import { decode, upsertAll } from './keep-last.js';

const PARTITIONS = 12;
const CHUNK = 5_000;
const CONNECTIONS = 2;

interface Message {
  readonly key: string;
  readonly value: Buffer;
}

/** What is left when Kafka costs nothing: the bytes of the topic in memory, read in its order, the same reduction, the same statements. */
export const memory: Arm<ProjectorInput> = async ({ databaseUrl, kind, events, keys }, tools) => {
  const partitions = messagesOf(kind, events, keys);
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'baseline',
    max: CONNECTIONS,
    statementTimeoutMs: 60_000,
  });
  await pool.query('select 1');
  tools.begin();
  const begun = performance.now();
  const work = async (): Promise<void> => {
    for (let messages = partitions.pop(); messages !== undefined; messages = partitions.pop()) {
      for (let from = 0; from < messages.length; from += CHUNK) {
        const last = new Map<string, ParcelData>();
        for (const { key, value } of messages.slice(from, from + CHUNK)) last.set(key, decode(value));
        await upsertAll(pool, last);
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const seconds = (performance.now() - begun) / 1000;
  const cpuSeconds = tools.cpuSeconds();
  await pool.end();
  return { eventsPerSecond: events / seconds, eventsPerCpuSecond: events / cpuSeconds, cpuSeconds };
};

function messagesOf(kind: ProjectorInput['kind'], events: number, keys: number): Message[][] {
  const type = avro.Type.forSchema(ParcelMoved.schema as avro.Schema);
  const partitions: Message[][] = Array.from({ length: PARTITIONS }, () => []);
  for (const { number, data } of parcelChanges(kind, events, keys)) {
    const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), type.toBuffer(data)]);
    partitions[(Math.imul(number + 1, 0x9e3779b1) >>> 8) % PARTITIONS]?.push({ key: idOf(number), value });
  }
  return partitions;
}
