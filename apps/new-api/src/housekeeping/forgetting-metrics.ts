import { createCounter, createGauge } from '@banyan/service';

export interface ForgettingMetrics {
  forgotten(kind: string, count: number): void;
  oldest(kind: string, seconds: number): void;
}

export function forgettingMetrics(): ForgettingMetrics {
  const forgotten = createCounter({
    name: 'banyan_api_forgotten_total',
    help: 'Rows that were forgotten after their time, by what they were.',
    labels: ['kind'],
  });
  const oldest = createGauge({
    name: 'banyan_api_oldest_kept_seconds',
    help: 'Age of the oldest row that is kept, when it was last looked at.',
    labels: ['kind'],
  });
  return {
    forgotten: (kind, count) => forgotten.inc({ kind }, count),
    oldest: (kind, seconds) => oldest.set({ kind }, seconds),
  };
}
