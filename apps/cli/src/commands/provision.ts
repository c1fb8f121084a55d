import { createKafkaEventLog } from '@banyan/kafka';
import { entities } from '@banyan/migration';
import { provisionDatabase, provisionTopics } from '@banyan/operations';
import type { Command } from 'commander';
import { readProvisionConfig } from '../config.js';
import { EXIT } from '../exit-codes.js';
import { tellError } from '../run-command.js';
import { createTalk } from '../talk.js';

export function addProvision(program: Command): void {
  program
    .command('provision')
    .description('make topics, roles and schemas; repeatable, drops nothing')
    .option('--json', 'one JSON document')
    .action(async (options: { json?: boolean }) => {
      const talk = createTalk(options.json === true);
      try {
        const config = readProvisionConfig();
        await provisionDatabase(config.ADMIN_DATABASE_URL, {
          banyan_projector: config.BANYAN_PROJECTOR_PASSWORD,
          banyan_porter: config.BANYAN_PORTER_PASSWORD,
          banyan_api: config.BANYAN_API_PASSWORD,
          banyan_operator: config.BANYAN_OPERATOR_PASSWORD,
        });
        const log = createKafkaEventLog({ brokers: config.KAFKA_BROKERS, clientId: 'banyan-provision' });
        const topics = await provisionTopics(log, config.TOPIC_PREFIX, entities).finally(() => log.close());
        talk.data({ topics }, () => `roles and schemas are there\n${topics.join('\n')}`);
        process.exitCode = EXIT.ok;
      } catch (error) {
        process.exitCode = tellError(talk, error);
      }
    });
}
