import { randomPrefix, testStack } from '@banyan/stack/testing';
import { eventLogContract } from './event-log.contract.js';
import { createKafkaEventLog } from './kafka-event-log.js';

eventLogContract('KafkaEventLog', async () => {
  const { kafkaBrokers } = await testStack();
  const log = createKafkaEventLog({ brokers: kafkaBrokers.split(','), clientId: 'contract' });
  return { log, prefix: randomPrefix() };
});
