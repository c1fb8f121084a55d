import { codecBench } from './codec/bench.js';
import { freshnessBench } from './freshness/bench.js';
import type { Bench, BenchName } from './harness/bench.js';
import { porterBench } from './porter/bench.js';
import { projectorBench } from './projector/bench.js';
import { writePathBench } from './write-path/bench.js';

export interface Scale {
  /** Sizes that only show that it runs. */
  readonly quick: boolean;
}

const BENCHES: Readonly<Record<BenchName, (scale: Scale) => Bench>> = {
  codec: codecBench,
  projector: projectorBench,
  porter: porterBench,
  'write-path': writePathBench,
  freshness: freshnessBench,
};

export function benchNamed(name: BenchName, scale: Scale): Bench {
  return BENCHES[name](scale);
}
