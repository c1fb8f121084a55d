import { setTimeout as delay } from 'node:timers/promises';
import { readConfig, startProjector } from '@banyan/v2-projector';
import type { Arm } from '../harness/arm.js';
import { spreadOf } from '../harness/statistics.js';
import { parcel } from '../parcels/parcel.js';
import type { ProjectorInput } from './input.js';

const TIMEOUT_MS = 600_000;
const SAMPLE_MS = 200;

/** The app as it is, with its HTTP shell; from the moment in which its schema is there and it turns to Kafka. */
export const ours: Arm<ProjectorInput> = async (input, tools) => {
  const config = readConfig({
    KAFKA_BROKERS: input.brokers,
    SCHEMA_REGISTRY_URL: input.schemaRegistryUrl,
    V2_DATABASE_URL: input.databaseUrl,
    TOPIC_PREFIX: input.prefix,
    GROUP_SUFFIX: `.${input.group}`,
    INSTANCE_NAME: input.group,
    PORT: '0',
    LOG_LEVEL: 'error',
  });
  const app = await startProjector(config, [parcel]);
  await app.projector.begun();
  const consumer = app.projector.running(parcel.name);
  if (consumer === undefined) throw new Error('the projector does not consume parcels');
  tools.begin();
  const begun = performance.now();
  const sampling = new AbortController();
  const samples = sampleRss(sampling.signal);
  await consumer.caughtUp({ timeoutMs: TIMEOUT_MS });
  const seconds = (performance.now() - begun) / 1000;
  const cpuSeconds = tools.cpuSeconds();
  sampling.abort();
  const rss = await samples;
  await app.close();
  return {
    eventsPerSecond: input.events / seconds,
    eventsPerCpuSecond: input.events / cpuSeconds,
    cpuSeconds,
    rssGrowth: growthOf(rss),
  };
};

async function sampleRss(signal: AbortSignal): Promise<readonly number[]> {
  const samples = [process.memoryUsage.rss()];
  while (!signal.aborted) {
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    samples.push(process.memoryUsage.rss());
  }
  return samples;
}

/** The last fifth of the way to the second: in the first one code is compiled and buffers find their size. */
function growthOf(samples: readonly number[]): number {
  const fifth = (index: number) => {
    const from = Math.floor((samples.length * index) / 5);
    return spreadOf(samples.slice(from, Math.max(from + 1, Math.floor((samples.length * (index + 1)) / 5)))).median;
  };
  return fifth(4) / fifth(1);
}
