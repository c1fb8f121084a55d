import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The process's one registry, served at /metrics. Names are `banyan_<component>_<thing>_<unit>`. */
const registry = new Registry();
collectDefaultMetrics({ register: registry });

export interface MetricOptions<L extends string> {
  readonly name: `banyan_${string}`;
  readonly help: string;
  readonly labels?: readonly L[];
}

/** Asking twice for a name gives the same metric, so that several apps can live in one process in tests. */
export function createCounter<L extends string = never>(options: MetricOptions<L>): Counter<L> {
  return known<Counter<L>>(options.name) ?? new Counter(configuration(options));
}

const collectors = new Map<string, (gauge: never) => void>();

/** @param collect called at each scrape, to set the present value; of several apps in one process, in tests, that which asked last */
export function createGauge<L extends string = never>(
  options: MetricOptions<L> & { readonly collect?: (gauge: Gauge<L>) => void },
): Gauge<L> {
  const { collect, name } = options;
  if (collect !== undefined) collectors.set(name, collect);
  const existing = known<Gauge<L>>(options.name);
  if (existing !== undefined) return existing;
  return new Gauge({
    ...configuration(options),
    ...(collect === undefined
      ? {}
      : {
          collect(this: Gauge<L>) {
            collectors.get(name)?.(this as never);
          },
        }),
  });
}

export interface ConsumerGaugeOptions extends Omit<MetricOptions<never>, 'labels'> {
  readonly consumers: readonly string[];
  /** Asked at each scrape, so it touches neither Kafka nor PostgreSQL; undefined = not known, and not shown. */
  readonly read: (consumer: string) => number | undefined;
}

/** A gauge with the label `consumer`. */
export function createConsumerGauge({ consumers, read, name, help }: ConsumerGaugeOptions): void {
  createGauge({
    name,
    help,
    labels: ['consumer'],
    collect: (gauge) => {
      for (const consumer of consumers) {
        const value = read(consumer);
        if (value === undefined) gauge.remove({ consumer });
        else gauge.set({ consumer }, value);
      }
    },
  });
}

/** @param buckets upper bounds in the unit of the name; the default suits seconds of a request */
export function createHistogram<L extends string = never>(
  options: MetricOptions<L> & { readonly buckets?: readonly number[] },
): Histogram<L> {
  const buckets = options.buckets ?? [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  return known<Histogram<L>>(options.name) ?? new Histogram({ ...configuration(options), buckets: [...buckets] });
}

/** The text that /metrics answers, and its content type. */
export async function exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function configuration<L extends string>({ name, help, labels }: MetricOptions<L>) {
  return { name, help, labelNames: [...(labels ?? [])], registers: [registry] };
}

function known<M>(name: string): M | undefined {
  return registry.getSingleMetric(name) as M | undefined;
}
