import type { Measures } from './rounds.js';

export const BENCHES = ['codec', 'projector', 'porter', 'write-path', 'freshness'] as const;
export type BenchName = (typeof BENCHES)[number];

/** One comparison: what is measured against what, and how a run of each arm goes. */
export interface Bench {
  readonly name: BenchName;
  readonly arms: readonly string[];
  /** Arms that run once, behind the rounds: what a repeat would not tell better. */
  readonly once?: readonly string[];
  /** Pairs of arms that are the same code: how far they lie apart is what the machine adds. [first, again, measure] */
  readonly noise: readonly (readonly [string, string, string])[];
  /** In words, what is checked before any figure is told. */
  readonly gate: string;
  /** What was measured with: events, keys, seconds. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Sets up what all runs share. */
  open(tools: BenchTools): Promise<OpenBench>;
}

export interface BenchTools {
  readonly say: (line: string) => void;
}

export interface OpenBench {
  /** One run of one arm, its gate included. @param round -1 = behind the rounds, once */
  run(arm: string, round: number): Promise<Measures>;
  close(): Promise<void>;
}
