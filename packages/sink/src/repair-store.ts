import type { StoredState, UnlikeKey } from '@banyan/postgres';

/** Who gives something up, and why. */
export interface Word {
  readonly by: string;
  readonly reason: string;
}

export type UnlikeMark = Pick<UnlikeKey, 'key' | 'version' | 'by' | 'reason'>;

/** What a resync goes through. */
export interface ResyncScope {
  /** Only this key. */
  readonly key?: string;
  /** Only keys that are marked unlike. */
  readonly unlike?: boolean;
  /** Only keys of which all was made by a version of the entity's definition below this one. */
  readonly olderThan?: number;
}

/** What the control log asks of a consumer. */
export interface ResyncRequest {
  /** Version of the subject in the control log: a later request has a higher one. */
  readonly request: number;
  readonly scope: ResyncScope;
}

/** How far it has come. */
export interface ResyncProgress {
  readonly request: number;
  /** The last key that is done, in key order; undefined = none. */
  readonly after: string | undefined;
  /** Keys of its scope when it began. */
  readonly total: number;
  /** Keys that it has been at, with those that stand or failed. */
  readonly done: number;
  /** Keys that stand: they are left as they are, what waits there makes them anew. */
  readonly standing: number;
  /** Keys that could not be made anew; they are marked unlike, with the reason. */
  readonly failed: number;
  /** Time it has worked so far, milliseconds, its pauses included. */
  readonly workedMs: number;
  /** It has been at every key. */
  readonly finished: boolean;
}

/** One of the keys that a resync goes through. */
export interface ResyncKey {
  readonly key: string;
  /** Held to the end of the transaction: nobody changes it meanwhile. undefined = the key stands. */
  readonly state: StoredState | undefined;
}

/** The part of a sink's transaction by which people repair. */
export interface RepairTx {
  /** Ends the effect that is parked under this id; it is kept, as closed by whom and why. */
  discardParked(id: number, word: Word): Promise<void>;
  /** Of one that is marked already the later version counts; since when it is stays. */
  markUnlike(mark: UnlikeMark): Promise<void>;
  /** Keys that are like their state again as of a version: a mark of a later version stays. */
  closeUnlike(upTo: ReadonlyMap<string, number>): Promise<void>;
  /**
   * The progress of a request, held to the end of the transaction. One that was never begun begins, and takes the place of the one before
   * it. undefined = a later request has taken its place.
   */
  takeResync(request: ResyncRequest): Promise<ResyncProgress | undefined>;
  saveResync(progress: ResyncProgress): Promise<void>;
  /** The next keys of a scope behind one, in key order. */
  resyncKeys(scope: ResyncScope, after: string | undefined, limit: number): Promise<readonly ResyncKey[]>;
  /** What is made of these keys is this version's. */
  saveResynced(keys: readonly string[], transformerVersion: number): Promise<void>;
}

/** The part of a sink's store by which people see what is repaired, and what has to be. */
export interface RepairReads {
  /** Oldest first, at most 1,000. @param key that one alone */
  unlike(key?: string): Promise<readonly UnlikeKey[]>;
  /** That of the last request; undefined = there never was one. */
  resyncProgress(): Promise<ResyncProgress | undefined>;
}
