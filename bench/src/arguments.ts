import { parseArgs } from 'node:util';
import { BENCHES, type BenchName } from './harness/bench.js';

export interface Arguments {
  readonly benches: readonly BenchName[];
  readonly quick: boolean;
  readonly json: boolean;
  /** The first, which is dropped, included. */
  readonly rounds: number;
  readonly seed: number;
}

export const USAGE = `usage: npm run bench -- ${BENCHES.join('|')}|all [--quick] [--json] [--rounds N] [--seed N]
  --quick     small sizes and 2 rounds: shows that it runs; judges nothing, writes nothing
  --json      the results as JSON on stdout
  --rounds N  7 or more; the first one is dropped (default 7)
  --seed N    of the order in which arms run (default 1)`;

const ROUNDS = 7;
const QUICK_ROUNDS = 2;

/** Throws an Error with what is wrong, in words. */
export function parseArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { quick, json } = values;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Error('name one bench, or all');
  const benches = name === 'all' ? BENCHES : BENCHES.filter((bench) => bench === name);
  if (benches.length === 0) throw new Error(`there is no bench ${name}`);
  const least = quick ? QUICK_ROUNDS : ROUNDS;
  const rounds = values.rounds === undefined ? least : wholeNumber('--rounds', values.rounds);
  if (rounds < least) throw new Error(`--rounds must be ${least} or more${quick ? '' : ', unless with --quick'}`);
  return { benches, quick, json, rounds, seed: wholeNumber('--seed', values.seed) };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number, not ${text}`);
}
