import { startArm } from '../harness/arm-process.js';
import type { Bench } from '../harness/bench.js';

/** Which program each arm runs. */
const ARMS: Readonly<Record<string, string>> = {
  ours: 'codec/ours',
  'ours again': 'codec/ours',
  'registry client': 'codec/registry-client',
  JSON: 'codec/json',
};

/** Writing and reading one event, one core. */
export function codecBench({
  quick,
  measureMs = quick ? 100 : 500,
}: {
  readonly quick: boolean;
  readonly measureMs?: number;
}): Bench {
  return {
    name: 'codec',
    arms: Object.keys(ARMS),
    noise: [
      ['ours', 'ours again', 'encodesPerCpuSecond'],
      ['ours', 'ours again', 'evolvedDecodesPerCpuSecond'],
    ],
    gate: 'each arm reads 1,000 orders back as they were written, and those of an earlier writer as today’s schema has them',
    sizes: { orders: 1_000, measureMs },
    open: async () => ({
      run: (arm) => startArm(ARMS[arm] ?? arm, { measureMs }).done,
      close: async () => undefined,
    }),
  };
}
