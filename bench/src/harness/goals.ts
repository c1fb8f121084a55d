import { type Measures, type Round, seriesOf } from './rounds.js';
import { ratios, type Spread, spreadOf } from './statistics.js';

/** One line of goals.json. With `to` it is a ratio of two arms, round by round, else the measure itself. */
export interface Goal {
  /** For people: `encode, of the registry client`. */
  readonly what: string;
  readonly measure: string;
  readonly arm: string;
  readonly to?: string;
  /** The measure of the other arm; default: the same. */
  readonly toMeasure?: string;
  /** Of the measure itself; a ratio has none. */
  readonly unit?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface JudgedGoal extends Goal {
  readonly value: Spread;
  /** By the median. */
  readonly met: boolean;
}

/** @param once what arms measured that ran once. Throws a RangeError for a goal that names what was not measured, or no bound: a goal nobody judges would look met. */
export function judge(
  goals: readonly Goal[],
  rounds: readonly Round[],
  once: Readonly<Record<string, Measures>> = {},
): readonly JudgedGoal[] {
  return goals.map((goal) => {
    const single = once[goal.arm]?.[goal.measure];
    const own = single === undefined ? seriesOf(rounds, goal.arm, goal.measure) : [single];
    const value = spreadOf(
      goal.to === undefined ? own : ratios(own, seriesOf(rounds, goal.to, goal.toMeasure ?? goal.measure)),
    );
    return { ...goal, value, met: isMet(goal, value.median) };
  });
}

/** `codec: encode, of the registry client 3.1 (2.9-3.2), to reach >= 2 · …` */
export function goalLine(bench: string, judged: readonly JudgedGoal[]): string {
  const told = judged.map(({ what, value, met, unit, ...bound }) => {
    const figures = `${short(value.median)}${unit ?? ''} (${short(value.min)}-${short(value.max)})`;
    return `${met ? '' : 'MISSED '}${what} ${figures}, to reach ${boundText(bound)}${unit ?? ''}`;
  });
  return `${bench}: ${told.join(' · ')}`;
}

/** Three digits that count. */
export function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6))).toString();
}

export function boundText({ atLeast, atMost }: Pick<Goal, 'atLeast' | 'atMost'>): string {
  return atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
}

function isMet({ what, atLeast, atMost }: Goal, median: number): boolean {
  if ((atLeast === undefined) === (atMost === undefined)) throw new RangeError(`${what} needs one bound`);
  return atLeast === undefined ? median <= (atMost as number) : median >= atLeast;
}
