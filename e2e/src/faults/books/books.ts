import { type Codec, catalogue, createCodec } from '@banyan/contracts';
import { createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { entityNamed } from '@banyan/migration';
import { createPool, type Pool } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { LinkedWorld } from '../../testing/linked-world.js';
import { LogBook } from './log-book.js';
import { ReceiptBook } from './receipt-book.js';
import { WriteJournal } from './write-journal.js';

/** What the log and the databases themselves say of orders: read past all apps, and past the links where there is another way. */
export interface Books {
  readonly entity: AnyEntity;
  readonly eventLog: EventLog;
  readonly codec: Codec;
  readonly log: LogBook;
  readonly receipts: ReceiptBook;
  readonly legacyWrites: WriteJournal;
  readonly v2Writes: WriteJournal;
  /** Both V2's owners' schemas; as a superuser. */
  readonly admin: Pool;
  readonly legacy: Pool;
  close(): Promise<void>;
}

export async function openBooks({ world, direct }: LinkedWorld): Promise<Books> {
  const { KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '', TOPIC_PREFIX: topicPrefix = '' } = world.cliEnv;
  const entity = entityNamed('order');
  const eventLog = createKafkaEventLog({ brokers: KAFKA_BROKERS.split(','), clientId: 'books' });
  const codec = createCodec({ registryUrl: SCHEMA_REGISTRY_URL, types: [...catalogue.values()] });
  const urls = { admin: direct(world.databaseUrls.admin), legacy: direct(world.databaseUrls.legacy) };
  const log = new LogBook({ log: eventLog, codec, entity, topicPrefix });
  await log.read();
  log.mark();
  const legacyWrites = await WriteJournal.of({
    databaseUrl: urls.legacy,
    table: 'orders',
    idColumn: 'order_id',
    nameColumn: 'ship_name',
  });
  const v2Writes = await WriteJournal.of({
    databaseUrl: urls.admin,
    table: 'v2.orders',
    idColumn: 'id',
    nameColumn: 'ship_to_name',
  });
  const admin = createPool({ url: urls.admin, applicationName: 'books', max: 2 });
  const legacy = createPool({ url: urls.legacy, applicationName: 'books', max: 2 });
  return {
    entity,
    eventLog,
    codec,
    log,
    receipts: new ReceiptBook(eventLog, codec, topicPrefix, { entity: 'order', port: 'backend' }),
    legacyWrites,
    v2Writes,
    admin,
    legacy,
    close: async () => {
      const pools = [legacyWrites.close(), v2Writes.close(), admin.end(), legacy.end()];
      await Promise.all([eventLog.close(), ...pools]);
    },
  };
}
