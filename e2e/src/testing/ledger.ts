import { appendFileSync } from 'node:fs';

/** What one fault did to the writes that were under way, in counts; `docs/reference/guarantees.md` is made of such lines. */
export interface Trial {
  readonly fault: string;
  /** Acknowledged while the fault came, lasted and healed. */
  readonly orders: number;
  readonly changes: number;
  /** Tries that got no answer, or one that said to come again. */
  readonly askedAgain: number;
  readonly lost: number;
  readonly doubled: number;
  /** Keys whose last value is not the one that was acknowledged last. */
  readonly covered: number;
  /** Rows that nobody was acknowledged. */
  readonly unowned: number;
  /** Whatever else was not as it is promised. */
  readonly other?: number;
  /** From the last answer until no consumer had anything left to do. */
  readonly drainedSeconds: number;
}

type Wrong = Readonly<Record<'lost' | 'doubled' | 'overwritten' | 'unowned', readonly string[]>>;

/** What was found wrong, as a trial counts it. */
export function countsOf({ lost, doubled, overwritten, unowned }: Wrong) {
  return { lost: lost.length, doubled: doubled.length, covered: overwritten.length, unowned: unowned.length };
}

/** @param file default: the one named by BANYAN_LEDGER, if any */
export function note(trial: Trial, file = process.env.BANYAN_LEDGER): void {
  if (file === undefined) return;
  appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString().slice(0, 10), ...trial })}\n`);
}
