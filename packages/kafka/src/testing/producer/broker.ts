import { type Stack, startStack } from '@banyan/stack';
import { FaultyLink, ProduceFaults } from '@banyan/stack/testing';
import type { EventLog } from '../../event-log.js';
import { createKafkaEventLog } from '../../kafka-event-log.js';
import type { Lying } from './judge.js';
import { AckLedger, wholeLog } from './ledger.js';

/** A Kafka of its own, to be killed; producers reach it over a link that breaks, whoever reads the whole log afterwards too. */
export class TriedBroker {
  readonly faults: ProduceFaults;
  readonly #stack: Stack;
  readonly #link: FaultyLink;
  /** Whoever reads what was written. */
  readonly log: EventLog;

  private constructor(stack: Stack, link: FaultyLink, faults: ProduceFaults) {
    this.#stack = stack;
    this.#link = link;
    this.faults = faults;
    this.log = createKafkaEventLog({ brokers: [this.brokers], clientId: 'oracle' });
  }

  /** Takes about 6 s. */
  static async start(): Promise<TriedBroker> {
    const faults = new ProduceFaults();
    const link = await FaultyLink.to(undefined, faults.wire);
    const stack = await startStack({ only: ['kafka'], ephemeral: true, own: true, kafkaLinkPort: link.port });
    link.leadTo(stack.kafkaBrokers);
    await link.up();
    return new TriedBroker(stack, link, faults);
  }

  /** Over the link. */
  get brokers(): string {
    return this.#link.through(this.#stack.kafkaBrokers);
  }

  /** Makes the topic. */
  async ledgerOf(topic: string, partitions = 1): Promise<AckLedger> {
    await this.log.createTopics([{ name: topic, partitions }]);
    return new AckLedger(topic);
  }

  wholeLog(topic: string): Promise<readonly Lying[]> {
    return wholeLog(this.log, topic);
  }

  /** kill -9, and a start on the same data. */
  async killAndStart(): Promise<void> {
    await this.#stack.services.kafka.kill();
    await this.#stack.services.kafka.start();
  }

  async stop(): Promise<void> {
    await this.log.close();
    await this.#link.down();
    await this.#stack.stop();
  }
}
