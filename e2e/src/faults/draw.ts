import type { Random } from '@banyan/core/testing';
import type { Fault } from './fault.js';

/** How often two come together. */
const PAIRS = 0.4;

/** One fault, or two that break different things. */
export function drawFaults(all: readonly Fault[], random: Random): readonly Fault[] {
  const first = random.pick(all);
  if (!random.chance(PAIRS)) return [first];
  const others = all.filter((other) => other !== first && areApart(first, other));
  return [first, random.pick(others)];
}

/** Each fault once, in their order, two at a time where they break different things: most of a trial's time is spent waiting. */
export function eachOnce(all: readonly Fault[]): readonly (readonly Fault[])[] {
  const trials: Fault[][] = [];
  for (const fault of all) {
    const room = trials.find(
      ([first, second]) => first !== undefined && second === undefined && areApart(first, fault),
    );
    if (room === undefined) trials.push([fault]);
    else room.push(fault);
  }
  return trials;
}

function areApart(one: Fault, other: Fault): boolean {
  return !other.breaks.some((part) => one.breaks.includes(part));
}
