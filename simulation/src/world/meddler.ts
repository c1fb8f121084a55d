import { handbackOf, settledKeys } from '../judge/likeness.js';
import type { NoteRow } from './note.js';
import { linksIn } from './porter-journal.js';
import type { World } from './world.js';

const MOST = 3;

interface Written {
  readonly before: NoteRow;
  readonly theirs: NoteRow;
  /** The hand-back that held then. */
  readonly handback: number;
}

/** Somebody who writes rows of legacy behind everybody's back, of notes that V2 owns; and who puts them back when he is told of it. */
export class Meddler {
  readonly #world: World;
  readonly #written = new Map<string, Written>();
  readonly #left = new Set<string>();
  #times = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether legacy's row of this note is as he has it. */
  hasWritten(key: string): boolean {
    return this.#written.has(key);
  }

  /** Whether legacy's row of this note was left as he wrote it: legacy's by a hand-back, and a backfill's to bring. */
  hasLeft(key: string | undefined): boolean {
    return key !== undefined && this.#left.has(key);
  }

  get isAtIt(): boolean {
    return this.#written.size > 0;
  }

  /** Writes a row that no send is under way to: what is sent at that moment may cover it where legacy cannot compare, as the port says of itself. */
  write(): void {
    const { random, porter, legacy, happenings } = this.#world;
    const keys = settledKeys(this.#world).filter((key) => !this.#written.has(key));
    if (this.#times >= MOST || keys.length === 0) return;
    const key = random.pick(keys);
    const links = linksIn({ all: (table) => porter.committed(table) });
    const legacyId = links.findLast((link) => link.key === key)?.legacyId;
    const before = legacy.rows().find(({ NoteID }) => String(NoteID) === legacyId);
    if (before === undefined) return;
    this.#times += 1;
    const theirs = { ...before, Text: `${before.Text} theirs-${this.#times}` };
    this.#written.set(key, { before, theirs, handback: handbackOf(porter) });
    legacy.put(theirs);
    this.#world.tell(`somebody writes legacy's row ${legacyId} of ${key}`);
    happenings.add('row written behind our back');
  }

  /** Puts rows back as they were. Behind a hand-back they are legacy's, and what he wrote is what is so. */
  putBack(): void {
    const { random, porter, legacy, problems } = this.#world;
    for (const [key, { before, theirs, handback }] of this.#written) {
      if (!random.chance(0.2)) continue;
      this.#written.delete(key);
      if (handbackOf(porter) !== handback) {
        this.#left.add(key);
        continue;
      }
      const is = legacy.rows().find(({ NoteID }) => NoteID === before.NoteID);
      if (is?.Text !== theirs.Text)
        problems.push(`what somebody wrote into legacy's row of ${key} is covered: "${is?.Text}"`);
      else legacy.put(before);
    }
  }
}
