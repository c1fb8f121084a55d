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
  'authority moved to V2',
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

/** How often each has happened. */
export class Happenings {
  readonly #times = new Map<Happening, number>();

  add(what: Happening, times = 1): void {
    this.#times.set(what, (this.#times.get(what) ?? 0) + times);
  }

  addAll(others: Happenings): void {
    for (const [what, times] of others.#times) this.add(what, times);
  }

  of(what: Happening): number {
    return this.#times.get(what) ?? 0;
  }

  /** Each, in words. */
  inWords(): readonly string[] {
    return HAPPENINGS.map((what) => `${String(this.of(what)).padStart(9)}  ${what}`);
  }
}
