import type { LogRecord } from '@banyan/contracts';
import { type Clock, systemClock } from '@banyan/core';
import type { Appender, ConsumerOptions, EventLog, RunningConsumer, TopicSpec } from '../event-log.js';
import { outOfRange, partitionCountDiffers, topicMissing } from '../log-errors.js';
import type { PartitionEnds } from '../topics/topic-admin.js';
import { InMemoryAppender } from './in-memory-appender.js';
import { InMemoryConsumer } from './in-memory-consumer.js';
import { InMemoryTopic } from './in-memory-topic.js';

/**
 * The log's twin for unit tests: same contract suite as on Kafka, same partitions for keys, groups that rebalance. Beside the
 * port it has what tests want: `records()` to look, `down()` and `up()` to take it away and bring it back.
 */
export class InMemoryEventLog implements EventLog {
  readonly #clock: Clock;
  readonly #topics = new Map<string, InMemoryTopic>();
  readonly #appenders = new Set<InMemoryAppender>();
  readonly #members = new Map<string, InMemoryConsumer[]>();
  #up = true;

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock;
  }

  async appender(): Promise<Appender> {
    const appender = new InMemoryAppender({
      clock: this.#clock,
      topic: (name) => this.#topics.get(name),
      up: () => this.#up,
      appended: (topic) => {
        for (const member of [...this.#members.values()].flat()) if (member.topic === topic.name) member.fetch();
      },
    });
    this.#appenders.add(appender);
    return appender;
  }

  async consume(options: ConsumerOptions): Promise<RunningConsumer> {
    const member = new InMemoryConsumer({
      ...options,
      clock: this.#clock,
      find: () => this.#topics.get(options.topic),
      left: (who) => this.#drop(who),
    });
    this.#enter(member);
    return member;
  }

  /** The session of a member is over, and it does not know: others get its partitions, and it goes on with them as a zombie. */
  expire(consumer: RunningConsumer): void {
    if (consumer instanceof InMemoryConsumer) this.#drop(consumer);
  }

  /** An expired member has found out, and joins its group again. */
  rejoin(consumer: RunningConsumer): void {
    if (consumer instanceof InMemoryConsumer && this.#members.get(consumer.group)?.includes(consumer) !== true)
      this.#enter(consumer);
  }

  async *read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    const its = this.#topic(topic);
    const is = its.ends()[partition] ?? { low: 0n, high: 0n };
    if (partition >= its.partitionCount || from < is.low || to > is.high || from > to) {
      throw outOfRange(topic, partition, { from, to }, is);
    }
    yield* its.records(partition).slice(Number(from), Number(to));
  }

  async ends(topic: string): Promise<readonly PartitionEnds[]> {
    return this.#topic(topic).ends();
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { name, partitions } of topics) {
      const is = this.#topics.get(name)?.partitionCount;
      if (is !== undefined && is !== partitions) throw partitionCountDiffers(name, is, partitions);
      if (is === undefined) this.#topics.set(name, new InMemoryTopic(name, partitions));
    }
    for (const group of this.#members.keys()) this.#rebalance(group);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].flat().map((member) => member.stop(5_000)));
    await Promise.all([...this.#appenders].map((appender) => appender.close(0)));
  }

  /** All records of a topic: by partition, then by offset. */
  records(topic: string): readonly LogRecord[] {
    const its = this.#topic(topic);
    return its.ends().flatMap(({ partition }) => its.records(partition));
  }

  /** The log is away: appends wait. */
  down(): void {
    this.#up = false;
  }

  /** The log is back: what waits is written, in order. */
  up(): void {
    this.#up = true;
    for (const appender of this.#appenders) appender.flush();
  }

  #topic(name: string): InMemoryTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw topicMissing(name);
    return topic;
  }

  #enter(member: InMemoryConsumer): void {
    this.#members.set(member.group, [...(this.#members.get(member.group) ?? []), member]);
    this.#rebalance(member.group);
  }

  #drop(member: InMemoryConsumer): void {
    const members = this.#members.get(member.group) ?? [];
    if (!members.includes(member)) return;
    this.#members.set(
      member.group,
      members.filter((one) => one !== member),
    );
    this.#rebalance(member.group);
  }

  /** Eager, as on Kafka: every member of the group starts anew. A group reads one topic. */
  #rebalance(group: string): void {
    const members = this.#members.get(group) ?? [];
    members.forEach((member, index) => {
      const count = this.#topics.get(member.topic)?.partitionCount;
      if (count === undefined) return;
      const partitions = Array.from({ length: count }, (_, partition) => partition);
      member.join(partitions.filter((partition) => partition % members.length === index));
    });
  }
}
