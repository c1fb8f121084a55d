import { createConsumerGauge, createCounter, createGauge } from '@banyan/service';
import { effectSamples, lagOf, recordSamples, unaccounted, unaccountedEffects } from '@banyan/sink';
import type { Projector } from './projector.js';
import type { Rebuilds } from './rebuilds.js';

/** Answers what counts a state that is another one in the porter. */
export function mismatchCounter(): (entity: string) => void {
  const found = createCounter({
    name: 'banyan_projector_state_mismatches_total',
    help: 'Receipts that tell of another state than V2 has at the same version.',
    labels: ['entity'],
  });
  return (entity) => found.inc({ entity });
}

export function measure(projector: Projector): void {
  const consumers = projector.names();
  const watch = projector.booksWatch;
  createConsumerGauge({
    name: 'banyan_projector_lag_records',
    help: 'Records in the log that this process has not projected yet, in the partitions it owns.',
    consumers,
    read: (consumer) => lagOf(projector.running(consumer)).lagRecords,
  });
  createConsumerGauge({
    name: 'banyan_projector_lag_seconds',
    help: 'Age of the oldest record that this process has not projected yet.',
    consumers,
    read: (consumer) => lagOf(projector.running(consumer)).lagSeconds,
  });
  createConsumerGauge({
    name: 'banyan_projector_paused',
    help: '1 = somebody holds the consumer, 0 = it runs.',
    consumers,
    read: (consumer) => (projector.paused(consumer) === undefined ? 0 : 1),
  });
  createConsumerGauge({
    name: 'banyan_projector_parked_keys',
    help: 'Keys that stand: an event that a person has to let go on.',
    consumers,
    read: (consumer) => projector.standing(consumer)?.keys,
  });
  createConsumerGauge({
    name: 'banyan_projector_oldest_parked_seconds',
    help: 'Time since the key that stands longest was parked.',
    consumers,
    read: (consumer) => projector.standing(consumer)?.oldestSeconds,
  });
  createConsumerGauge({
    name: 'banyan_projector_unlike_keys',
    help: 'Keys whose rows are not what their state says: an effect was given up, or could not be made anew.',
    consumers,
    read: (consumer) => projector.standing(consumer)?.unlike,
  });
  createGauge({
    name: 'banyan_projector_records',
    help: 'Records that the partition has passed, by outcome, as the store counts them.',
    labels: ['consumer', 'partition', 'outcome'],
    collect: (gauge) => {
      gauge.reset();
      for (const consumer of consumers)
        for (const { labels, value } of recordSamples(consumer, watch.tallies(consumer))) gauge.set(labels, value);
    },
  });
  createGauge({
    name: 'banyan_projector_effects',
    help: 'Effects of effective events: applied, parked or discarded.',
    labels: ['consumer', 'partition', 'state'],
    collect: (gauge) => {
      gauge.reset();
      for (const consumer of consumers)
        for (const { labels, value } of effectSamples(consumer, watch.books(consumer))) gauge.set(labels, value);
    },
  });
  createConsumerGauge({
    name: 'banyan_projector_unaccounted_records',
    help: 'Records passed without an outcome, or outcomes without a record: 0, or something was dropped.',
    consumers,
    read: (consumer) => watch.tallies(consumer).reduce((sum, tally) => sum + unaccounted(tally), 0),
  });
  createConsumerGauge({
    name: 'banyan_projector_unaccounted_effects',
    help: 'Effects of effective events that are neither applied, parked nor discarded, or the other way round: 0, or something was dropped.',
    consumers,
    read: (consumer) => watch.books(consumer).reduce((sum, books) => sum + unaccountedEffects(books), 0),
  });
}

export function measureRebuilds(rebuilds: Rebuilds): void {
  createGauge({
    name: 'banyan_projector_rebuild_lag_records',
    help: 'Records in the log that a V2 which is made anew here does not have yet, in the partitions that this process owns.',
    labels: ['database', 'consumer'],
    collect: (gauge) => {
      gauge.reset();
      for (const { database, consumer, records } of rebuilds.lag()) gauge.set({ database, consumer }, records);
    },
  });
}
