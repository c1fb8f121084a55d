import { readConfig, startPorter } from '@banyan/legacy-porter';
import type { Arm } from '../harness/arm.js';
import { parcel } from '../parcels/parcel.js';
import type { PorterInput } from './input.js';

/** The app as it is: journal, lease, links, receipts. */
export const ours: Arm<PorterInput> = async (input, tools) => {
  tools.begin();
  const app = await startPorter(
    readConfig({
      KAFKA_BROKERS: input.brokers,
      SCHEMA_REGISTRY_URL: input.schemaRegistryUrl,
      PORTER_DATABASE_URL: input.databaseUrl,
      LEGACY_URL: input.legacyUrl,
      TOPIC_PREFIX: input.prefix,
      INSTANCE_NAME: input.group,
      PORTER_CONCURRENCY: String(input.concurrency),
      PORT: '0',
      LOG_LEVEL: 'warn',
    }),
    [parcel],
  );
  tools.ready({ url: app.url });
  await tools.stopped();
  const cpuSeconds = tools.cpuSeconds();
  await app.close();
  return { cpuSeconds };
};
