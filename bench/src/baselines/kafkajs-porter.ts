import { Pool } from 'undici';
import type { Arm } from '../harness/arm.js';
import { numberOf } from '../parcels/data-set.js';
import { ParcelMoved } from '../parcels/events.js';
import { parcelOf } from '../parcels/parcel.js';
import type { PorterInput } from '../porter/input.js';
import { kafkaOf } from './kafkajs-client.js';
import { decode } from './keep-last.js';

/** As many partitions as a topic has: more is not to be had where a partition is worked off in order. */
const PARTITIONS = 12;

/**
 * What kafkajs offers for order and concurrency at once: all partitions side by side, one record of each at a time. It looks at nothing,
 * notes nothing, and knows legacy's ids by heart; so it is one exchange per event.
 */
export const partitions: Arm<PorterInput> = async ({ brokers, legacyUrl, topic, group }, tools) => {
  tools.begin();
  const legacy = new Pool(legacyUrl, { connections: PARTITIONS });
  const consumer = kafkaOf(brokers).consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: async ({ batch: { messages }, resolveOffset, heartbeat }) => {
      for (const { key, value, headers, offset } of messages) {
        if (key && value && String(headers?.ce_type) === ParcelMoved.name) {
          const id = numberOf(key.toString()) + 1;
          const answer = await legacy.request({
            method: 'PUT',
            path: `/parcels/${id}`,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ ParcelID: id, ...parcelOf(decode(value)) }),
          });
          await answer.body.dump();
          if (answer.statusCode !== 200) throw new Error(`legacy answered ${answer.statusCode}`);
        }
        resolveOffset(offset);
        await heartbeat();
      }
    },
  });
  tools.ready({});
  await tools.stopped();
  const cpuSeconds = tools.cpuSeconds();
  await consumer.disconnect();
  await legacy.close();
  return { cpuSeconds };
};
