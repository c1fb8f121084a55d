/** What a client knows of a change it asked for. `open`: it was never told. */
export type Fate = 'open' | 'done' | 'refused';

/** One change, known by the word it adds. */
export interface Entry {
  readonly word: string;
  readonly kind: 'write' | 'extend' | 'rewrite' | 'remove';
  readonly client: string;
  readonly note: NoteRef;
  fate: Fate;
  /** Place among the changes that were told to be done. */
  doneAs: number | undefined;
}

/** A note as clients know it: by its id in V2, by legacy's, or by both. */
export interface NoteRef {
  readonly name: string;
  id: string | undefined;
  legacyId: string | undefined;
}

/** What clients asked for and what they were told; no mishap touches it. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly notes: NoteRef[] = [];
  #done = 0;

  begin(client: string, kind: Entry['kind'], note: NoteRef): Entry {
    const entry: Entry = { word: `w${this.entries.length}`, kind, client, note, fate: 'open', doneAs: undefined };
    this.entries.push(entry);
    return entry;
  }

  newNote(): NoteRef {
    return { name: `n${this.notes.length}`, id: undefined, legacyId: undefined };
  }

  /** Others may change it from now on. */
  known(note: NoteRef): void {
    if (!this.notes.includes(note)) this.notes.push(note);
  }

  done(entry: Entry): void {
    entry.fate = 'done';
    this.#done += 1;
    entry.doneAs = this.#done;
  }

  refused(entry: Entry): void {
    entry.fate = 'refused';
  }
}
