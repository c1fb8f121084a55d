import type { UnlikeMark, Word } from '@banyan/sink';
import type { OfRePort, SendOperation, Trace, Work, WorkId } from './work.js';

/** A send of the whole state, to be added. */
export type RePortWork = Omit<Work, 'attempts' | 'claim' | 'rePort'>;

/** The first send of a key, as it stands. */
export interface FirstSend extends WorkId {
  readonly state: 'ready' | 'waiting' | 'parked' | 'in-doubt';
  readonly eventId: string;
  readonly operation: SendOperation;
  readonly stateHash: string | null;
  readonly trace: Trace;
  readonly rePort: OfRePort | undefined;
}

export type DiscardedSend = Pick<WorkId, 'key' | 'version'>;

export interface RepairStatements {
  /** Held to the end of the transaction, with its claim; undefined = nothing of the key is left to send. */
  lockFirst(consumer: string, key: string): Promise<FirstSend | undefined>;
  /** Forgets a send and its intent for good, whether it is there or not, and keeps who gave it up and why, as closed. */
  discardWork(work: WorkId & Pick<Work, 'eventId'>, word: Word): Promise<void>;
  /** What of these keys was given up: sends, and effects that would have been sends; by version, in no order. */
  discarded(consumer: string, keys: readonly string[]): Promise<readonly DiscardedSend[]>;
  /** As the sink's. */
  markUnlike(consumer: string, mark: UnlikeMark): Promise<void>;
  /** Forgets a send that stands: somebody knows how it ended. Its intent is for the caller to close. */
  endStanding(work: WorkId): Promise<void>;
  /** Of these keys those of which something is left to send; `standing`: some of it is parked or in doubt. */
  leftToSend(consumer: string, keys: readonly string[]): Promise<ReadonlyMap<string, 'due' | 'standing'>>;
  /**
   * Sends once more, behind what is due of their keys; what is due of that very version already joins instead. A journal entry of that version
   * that is closed is forgotten: it is of another send. Whether it creates or changes is said when it is claimed: what is due before it may make
   * the row, or be given up.
   */
  addRePorts(work: readonly RePortWork[]): Promise<void>;
  /** Sends of re-ports that go on by themselves. */
  rePortsUnderWay(consumer: string): Promise<number>;
  /** The hand-back behind which keys that V2 changed before it read as legacy's: the last that any partition has. */
  handbackOf(consumer: string): Promise<number>;
  /** As the sink's: keys that are like their state again as of a version. */
  closeUnlike(consumer: string, upTo: ReadonlyMap<string, number>): Promise<void>;
}
