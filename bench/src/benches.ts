import { codecBench } from './codec/bench.js';
import type { Bench, BenchName } from './harness/bench.js';
import { porterBench } from './porter/bench.js';
import { projectorBench } from './projector/bench.js';

export interface Scale {
  /** Sizes that only show that it runs. */
  readonly quick: boolean;
}

const BENCHES: Readonly<Record<string, (scale: Scale) => Bench>> = {
  codec: codecBench,
  projector: projectorBench,
  porter: porterBench,
};

export function benchNamed(name: BenchName, scale: Scale): Bench {
  const make = BENCHES[name];
  if (make === undefined) throw new Error(`${name} is not there yet`);
  return make(scale);
}
