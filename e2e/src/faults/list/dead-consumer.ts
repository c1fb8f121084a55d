import { RECEIPTS_TOPIC, TOPIC_PARTITIONS, topicName } from '@banyan/contracts';
import { entities } from '@banyan/migration';
import { createDatabase, freePorts, randomPrefix } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import { until } from '../../until.js';
import type { Fault } from '../fault.js';

const NOTICED_MS = 30_000;

/** A projector whose topics have another number of partitions than its store was made for: it can never go on, and lives. */
export const deadConsumer: Fault = {
  name: 'a consumer that can never go on, in a projector that lives',
  breaks: [],
  strike: async ({ world, books, linked }) => {
    const prefix = `dead-${randomPrefix()}`;
    const topics = [...entities.map(topicOf), RECEIPTS_TOPIC].map((topic) => topicName(prefix, topic));
    await books.eventLog.createTopics(topics.map((name) => ({ name, partitions: TOPIC_PARTITIONS + 1 })));
    const [port = 0] = await freePorts(1);
    const projector = world.another('v2-projector', {
      PORT: String(port),
      INSTANCE_NAME: 'v2-projector-dead',
      TOPIC_PREFIX: prefix,
      V2_DATABASE_URL: await createDatabase(linked.stack.databaseUrl, `${randomPrefix()}v2`),
    });
    await projector.start();
    try {
      let said = '';
      const noticed = async () => {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_000) });
          said = `${answer.status} ${await answer.text()}`;
          return answer.status !== 200 || undefined;
        } catch (error) {
          // Or it has ended, which is as good.
          said = String(error);
          return true;
        }
      };
      return await until('its liveness fails', noticed, NOTICED_MS).then(
        () => undefined,
        () => [{ promise: 'P12', kind: 'other', what: `a dead consumer is alive ${NOTICED_MS} ms later: ${said}` }],
      );
    } finally {
      await projector.kill();
    }
  },
};
