import { createCounter, createGauge, createHistogram } from '@banyan/service';

/** How full the proxy is, asked at each scrape. */
export interface ProxyLoad {
  readonly entities: readonly string[];
  openDirect(entity: string): number;
  held(entity: string): number;
}

export function proxyMetrics() {
  return {
    answers: createCounter({
      name: 'banyan_proxy_answers_total',
      help: 'Answers of legacy that were passed on, by method and class of status.',
      labels: ['method', 'status'],
    }),
    failures: createCounter({
      name: 'banyan_proxy_failures_total',
      help: 'Calls that legacy did not answer, by code.',
      labels: ['code'],
    }),
    writes: createCounter({
      name: 'banyan_proxy_writes_total',
      help: 'Writes of legacy routes, by entity and the way they took.',
      labels: ['entity', 'way'],
    }),
    reads: createCounter({
      name: 'banyan_proxy_reads_total',
      help: 'Reads of legacy routes, by route and who answered.',
      labels: ['route', 'way'],
    }),
    roundTrips: createHistogram({
      name: 'banyan_proxy_round_trip_duration_seconds',
      help: 'Time of a round trip from the whole request to its answer, by what became of it.',
      labels: ['entity', 'verdict'],
    }),
    comparisons: createCounter({
      name: 'banyan_proxy_comparisons_total',
      help: 'Comparisons behind answers, by route and verdict.',
      labels: ['route', 'verdict'],
    }),
  };
}

export function measureLoad({ entities, openDirect, held }: ProxyLoad): void {
  createGauge({
    name: 'banyan_proxy_open_direct_writes',
    help: 'Direct writes that legacy may still carry out.',
    labels: ['entity'],
    collect: (gauge) => {
      for (const entity of entities) gauge.set({ entity }, openDirect(entity));
    },
  });
  createGauge({
    name: 'banyan_proxy_held_writes',
    help: 'Writes that wait for their entity to move.',
    labels: ['entity'],
    collect: (gauge) => {
      for (const entity of entities) gauge.set({ entity }, held(entity));
    },
  });
}
