import type { RunningConsumer } from '@banyan/kafka';
import { createConsumerGauge, createCounter, createGauge, createHistogram } from '@banyan/service';
import { type BooksWatch, effectSamples, lagOf, recordSamples, unaccounted, unaccountedEffects } from '@banyan/sink';
import type { Backlog } from './internal/backlog.js';
import type { Sends } from './porter-consumer.js';
import type { SlowReason } from './sending/slowness.js';

export interface PorterMetrics {
  sent(consumer: string, verdict: string, tookMs: number): void;
  bypassSeen(consumer: string): void;
  echoSeen(consumer: string): void;
  /** @param first of them those that begin an action */
  /** A target is driven slower, for this reason since now. */
  slowed(target: string, reason: SlowReason): void;
  nativesSeen(consumer: string, events: { readonly all: number; readonly first: number }): void;
  sendsSeen(consumer: string, sends: number): void;
}

export function porterMetrics(): PorterMetrics {
  const attempts = createCounter({
    name: 'banyan_porter_attempts_total',
    help: 'Attempts at sends, by what became of them.',
    labels: ['consumer', 'verdict'],
  });
  const seconds = createHistogram({
    name: 'banyan_porter_attempt_duration_seconds',
    help: 'Time from the beginning of an attempt until its result is written.',
    labels: ['consumer'],
  });
  const bypasses = createCounter({
    name: 'banyan_porter_bypasses_seen_total',
    help: 'Imports of keys that V2 owns whose row is none that was ported: somebody wrote legacy directly.',
    labels: ['consumer'],
  });
  const echoes = createCounter({
    name: 'banyan_porter_echoes_total',
    help: 'Events that were kept from legacy since something answers writes with writes.',
    labels: ['consumer'],
  });
  const actions = createCounter({
    name: 'banyan_porter_actions_total',
    help: 'Actions of users whose events took effect, by correlation id.',
    labels: ['consumer'],
  });
  const actionEvents = createCounter({
    name: 'banyan_porter_action_events_total',
    help: 'Events of V2 that took effect and belong to these actions.',
    labels: ['consumer'],
  });
  const actionSends = createCounter({
    name: 'banyan_porter_action_sends_total',
    help: 'Sends that these actions make.',
    labels: ['consumer'],
  });
  const slowed = createCounter({
    name: 'banyan_porter_target_slowed_total',
    help: 'How often a target began to be driven slower than it may be, by the reason.',
    labels: ['target', 'reason'],
  });
  return {
    slowed: (target, reason) => slowed.inc({ target, reason }),
    echoSeen: (consumer) => echoes.inc({ consumer }),
    nativesSeen: (consumer, { all, first }) => {
      actions.inc({ consumer }, first);
      actionEvents.inc({ consumer }, all);
    },
    sendsSeen: (consumer, sends) => actionSends.inc({ consumer }, sends),
    bypassSeen: (consumer) => bypasses.inc({ consumer }),
    sent: (consumer, verdict, tookMs) => {
      attempts.inc({ consumer, verdict });
      seconds.observe({ consumer }, tookMs / 1_000);
    },
  };
}

export function measureLag(running: (name: string) => RunningConsumer | undefined, consumers: readonly string[]): void {
  createConsumerGauge({
    name: 'banyan_porter_lag_records',
    help: 'Records in the log that this process has not taken in yet, in the partitions it owns.',
    consumers,
    read: (consumer) => lagOf(running(consumer)).lagRecords,
  });
  createConsumerGauge({
    name: 'banyan_porter_lag_seconds',
    help: 'Age of the oldest record that this process has not taken in yet.',
    consumers,
    read: (consumer) => lagOf(running(consumer)).lagSeconds,
  });
}

/** Of this process, as it is now. */
export function measureSends(
  porter: { paused(consumer: string): object | undefined; sends(consumer: string): Sends },
  consumers: readonly string[],
): void {
  createConsumerGauge({
    name: 'banyan_porter_paused',
    help: '1 = somebody holds the consumer and its sends, 0 = it runs.',
    consumers,
    read: (consumer) => (porter.paused(consumer) === undefined ? 0 : 1),
  });
  createConsumerGauge({
    name: 'banyan_porter_sends_in_flight',
    help: 'Sends of the port that are under way in this process.',
    consumers,
    read: (consumer) => porter.sends(consumer).inFlight,
  });
  createConsumerGauge({
    name: 'banyan_porter_sends_limit',
    help: 'Sends that the port may have under way in this process; what it has no number of its own for, it shares.',
    consumers,
    read: (consumer) => porter.sends(consumer).limit,
  });
}

/** @param of as it was last looked at; undefined = it could not be */
export function measureBacklog(
  of: (consumer: string) => (Backlog & { readonly unlike: number }) | undefined,
  consumers: readonly string[],
): void {
  createConsumerGauge({
    name: 'banyan_porter_unlike_keys',
    help: 'Keys of which legacy is not what their state says: a send was given up.',
    consumers,
    read: (consumer) => of(consumer)?.unlike,
  });
  createConsumerGauge({
    name: 'banyan_porter_parked_keys',
    help: 'Keys that stand: an event, or a send, that a person has to let go on.',
    consumers,
    read: (consumer) => of(consumer)?.parked,
  });
  createConsumerGauge({
    name: 'banyan_porter_in_doubt_sends',
    help: 'Sends that legacy may have taken, of which only a person can tell, or whose porter is silent.',
    consumers,
    read: (consumer) => of(consumer)?.inDoubt,
  });
  createConsumerGauge({
    name: 'banyan_porter_oldest_work_seconds',
    help: 'Age of the oldest send that is due, is retried, or waits for another entity.',
    consumers,
    read: (consumer) => of(consumer)?.oldestSeconds,
  });
}

export function measureBooks(watch: BooksWatch, consumers: readonly string[]): void {
  createGauge({
    name: 'banyan_porter_records',
    help: 'Records that the partition has passed, by outcome, as the store counts them.',
    labels: ['consumer', 'partition', 'outcome'],
    collect: (gauge) => {
      gauge.reset();
      for (const consumer of consumers)
        for (const { labels, value } of recordSamples(consumer, watch.tallies(consumer))) gauge.set(labels, value);
    },
  });
  createGauge({
    name: 'banyan_porter_effects',
    help: 'Effects of effective events: applied, parked or discarded.',
    labels: ['consumer', 'partition', 'state'],
    collect: (gauge) => {
      gauge.reset();
      for (const consumer of consumers)
        for (const { labels, value } of effectSamples(consumer, watch.books(consumer))) gauge.set(labels, value);
    },
  });
  createConsumerGauge({
    name: 'banyan_porter_unaccounted_records',
    help: 'Records passed without an outcome, or outcomes without a record: 0, or something was dropped.',
    consumers,
    read: (consumer) => watch.tallies(consumer).reduce((sum, tally) => sum + unaccounted(tally), 0),
  });
  createConsumerGauge({
    name: 'banyan_porter_unaccounted_effects',
    help: 'Effects of effective events that are neither applied, parked nor discarded, or the other way round: 0, or something was dropped.',
    consumers,
    read: (consumer) => watch.books(consumer).reduce((sum, books) => sum + unaccountedEffects(books), 0),
  });
}
