import type { Random } from '@banyan/core/testing';
import type { Fault } from './fault.js';

/** How often two come together. */
const PAIRS = 0.4;

/** One fault, or two that break different things. */
export function drawFaults(all: readonly Fault[], random: Random): readonly Fault[] {
  const first = random.pick(all);
  if (!random.chance(PAIRS)) return [first];
  const others = all.filter(
    ({ name, breaks }) => name !== first.name && !breaks.some((part) => first.breaks.includes(part)),
  );
  return [first, random.pick(others)];
}
