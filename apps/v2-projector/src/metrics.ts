import { createGauge } from '@banyan/service';
import type { Projector } from './projector.js';
import { lagOf } from './projector-consumer.js';

/** Asked at each scrape; nothing here touches Kafka or PostgreSQL. */
export function measure(projector: Projector): void {
  const each = (set: (consumer: string, lag: ReturnType<typeof lagOf>) => void): void => {
    for (const name of projector.names()) set(name, lagOf(projector.running(name)));
  };
  createGauge({
    name: 'banyan_projector_lag_records',
    help: 'Records in the log that this process has not projected yet, in the partitions it owns.',
    labels: ['consumer'],
    collect: (gauge) => each((consumer, { lagRecords }) => gauge.set({ consumer }, lagRecords)),
  });
  createGauge({
    name: 'banyan_projector_lag_seconds',
    help: 'Age of the oldest record that this process has not projected yet.',
    labels: ['consumer'],
    collect: (gauge) => each((consumer, { lagSeconds }) => gauge.set({ consumer }, lagSeconds)),
  });
}
