/** What can befall a world, and what the fold can come to in it: none of it may be only believed to happen. */
export const HAPPENINGS = [
  'killed at a statement',
  'killed before a commit',
  'killed behind a commit',
  'killed at a request to legacy',
  'killed at an append',
  'frozen',
  'frozen past its session',
  'connection broken before a statement',
  'answer to a commit lost',
  'answer to an append late',
  'answer of legacy lost',
  'request to legacy lost',
  'request to legacy executed when nobody waits',
  'legacy refused the connection',
  'legacy throttled',
  'legacy failed',
  'record appended twice',
  'copy behind a newer record of its key',
  'record delivered again',
  'thrown out of the group',
  'zombie refused by the position',
  'zombie refused by its lease',
  'state parked',
  'effect parked',
  'send parked',
  'event waits behind a parked one',
  'replay in vain',
  'replay that frees a key',
  'send let go on',
  'parked event passed by an import',
  'parked event passed by a restatement',
  'key restated',
  'effect given up',
  'send given up',
  'row written behind our back',
  'send goes on behind a bypass',
  'row doubled in legacy',
  'doubt: let go on',
  'doubt: it arrived',
  'doubt: it did not arrive',
  'doubt: given up',
  'rows made anew',
  'states sent once more',
  'resync meets a key that stands',
  'key cannot be made anew',
  'consumer paused',
  'consumer goes on',
  'concurrency set',
  'authority moved to V2',
  'share of the keys moved to V2',
  'authority handed back',
  'backfill',
  'outcome effective',
  'outcome unchanged',
  'outcome superseded',
  'outcome duplicate',
  'outcome stale',
  'outcome conflict',
  'outcome invalid',
] as const;

export type Happening = (typeof HAPPENINGS)[number];

/** How often each has happened; what never did is missing. */
export class Happenings {
  readonly #times = new Map<string, number>();

  add(what: Happening, times = 1): void {
    this.#add(what, times);
  }

  addAll(others: ReadonlyMap<string, number>): void {
    for (const [what, times] of others) this.#add(what, times);
  }

  get times(): ReadonlyMap<string, number> {
    return this.#times;
  }

  #add(what: string, times: number): void {
    if (times > 0) this.#times.set(what, (this.#times.get(what) ?? 0) + times);
  }
}
