import type { BanyanError } from '@banyan/core';
import type { NewReceipt, ReceiptBody } from '../receipts/receipt.js';
import type { LastPorted } from '../sending/sending-port.js';
import type { LegacyRefusal } from '../sending/verdict.js';
import type { Ported, PortedRow } from './ported.js';
import type { RepairStatements } from './repairs.js';
import type { Holder, Intent, SendOperation, Trace, Work, WorkId } from './work.js';

/*
 * The porter's own tables, statement by statement: what is to be sent, what was sent, and who sends. The protocols (settling, linking, taking
 * over, switching) stand above, once, whatever the store; a statement decides nothing. For all of them:
 *
 * - A statement sees what is committed when it begins, and what its own transaction has changed. Where it changes rows that another open
 *   transaction has changed, it waits for that one's end and looks at them anew.
 * - It throws `POSTGRES_UNAVAILABLE` (retryable) when the store is away. Of a change outside a transaction, and of a commit, nobody knows then
 *   whether it took place.
 * - "Now" is the store's clock: the clocks of two processes differ, and none of them decides who is dead.
 * - Of the sink's tables it reads which keys are deleted.
 */

/** @typeParam Handle a transaction as the store's driver has it, and as the sink hands it to its `Apply` */
export interface PorterStore<Handle = unknown> {
  /** Each statement in a transaction of its own. */
  readonly alone: PorterStatements;
  /** Commits when `work` resolves, rolls back when it throws, and throws that on. */
  transaction<T>(work: (tx: PorterStatements) => Promise<T>): Promise<T>;
  /** Within somebody else's transaction, which ends it: the sink's. */
  within(handle: Handle): PorterStatements;
}

export interface PorterStatements
  extends WorkStatements,
    IntentStatements,
    LinkStatements,
    PortedStatements,
    ReceiptStatements,
    SwitchStatements,
    InstanceStatements,
    RepairStatements,
    RebuildStatements {}

export interface NewWork extends Omit<Work, 'attempts' | 'claim' | 'rePort'> {
  /** It waits for a person from the beginning, and why; undefined = it is due. */
  readonly parked?: Pick<BanyanError, 'code' | 'message'> | undefined;
}

/** Which incarnations of a name: the one named, or all before it. */
export type Incarnations = 'this' | 'earlier';

/** The sends that are due; a finished one goes. A claim is won by changing the row, so it has one holder. */
export interface WorkStatements {
  /** In this order; one that is there stays as it is. @param toldOff a receipt in the same transaction tells that the port is off */
  addWork(work: readonly NewWork[], toldOff: boolean): Promise<void>;
  /**
   * Claims up to `limit` sends that may begin now, oldest first, each under a new claim: the first of its key, ready, due, claimed by nobody,
   * of a port that is on. Rows that another transaction holds are passed over: two that ask at once get different ones.
   */
  claimWork(consumers: readonly string[], holder: Holder, limit: number): Promise<readonly Work[]>;
  /** Holds the rows to the end of the transaction. @returns the claims that still have theirs */
  lockClaims(work: readonly Work[]): Promise<ReadonlySet<string>>;
  /** They are done. @returns as `lockClaims`; of the others nothing is changed */
  finishWork(work: readonly Work[]): Promise<ReadonlySet<string>>;
  /** Ends the claim and counts an attempt. @returns false = another claim, or none, has it; nothing is changed */
  releaseWork(work: Work, to: Released): Promise<boolean>;
  /** Gives back all that the holder has claimed of these consumers, but for these claims. */
  freeUnanswered(consumers: readonly string[], holder: Holder, sending: readonly string[]): Promise<void>;
  /** Gives back all that these incarnations have claimed; due now. */
  freeClaims(of: Holder, which: Incarnations): Promise<void>;
  /** Gives back what silent instances have claimed and not journalled (open). @returns how many */
  freeAbandoned(): Promise<number>;
  /** Lets it go on if one of these links is there by now. */
  readyIfLinked(work: WorkId, awaited: readonly PortKey[]): Promise<void>;
  /** Lets go on what waits for one of these. @param awaited names by `awaitedLink` */
  readyWaiting(awaited: readonly string[]): Promise<void>;
  /** Lets go on what waits for a link that is there, or whose entity is deleted with nothing left to send. @returns how many */
  recheckWaiting(): Promise<number>;
  /** Lets the parked and in-doubt sends of a key go on, as if never tried. @returns how many there were */
  readyAgain(consumer: string, key: string): Promise<number>;
  /** Lets all sends of these keys go on that are not ready. */
  readyOvertaken(consumer: string, keys: readonly string[]): Promise<void>;
  /** Marks what no receipt has told of yet as told. @returns those, oldest first */
  tellOff(consumer: string): Promise<readonly ToldOff[]>;
}

export interface Released {
  readonly state: 'ready' | 'waiting' | 'parked' | 'in-doubt';
  /** By `awaitedLink`. */
  readonly waitingFor?: readonly string[];
  readonly code?: string;
  /** `storable`. */
  readonly message?: string;
  readonly refusal?: LegacyRefusal | undefined;
  /** Not due before, milliseconds from now. Default 0. */
  readonly afterMs?: number;
}

/** A send of a port that is off, as its receipt tells of it. */
export interface ToldOff {
  readonly key: string;
  readonly version: number;
  readonly eventId: string;
  readonly trace: Trace;
  readonly operation: SendOperation;
  readonly stateHash: string | null;
}

/** The journal: open (being sent), unclear (it may have reached legacy, who is asked), closed (its result is known). */
export interface IntentStatements {
  /**
   * Opens them, or opens them again as one more attempt; whether one may have arrived stays as it was. Holds the rows of their work as
   * `lockClaims` does. @returns the claims that still have their work; the others are not opened
   */
  openIntents(holder: Holder, sends: readonly OpenedSend[]): Promise<ReadonlySet<string>>;
  /** In one look, in their order. `intent`: open or unclear, settled from `settleAfterMs` behind the moment from which legacy may finish it. */
  readSends(sends: readonly SendToRead[]): Promise<readonly SendRead[]>;
  /** Creates of other keys that may be at legacy: open ones, and of the unclear those of keys before this one. */
  otherCreates(work: WorkId): Promise<readonly OtherCreate[]>;
  /** Where there is one. */
  closeIntents(closed: readonly ClosedSend[]): Promise<void>;
  /** @param which `unarrived`: only if no attempt may have arrived */
  dropIntent(work: WorkId, which: 'any' | 'unarrived'): Promise<void>;
  /** Open becomes unclear; the rest stays as it was. */
  openToUnclear(work: WorkId): Promise<void>;
  /**
   * Unclear: it may have arrived, and legacy may finish it from now on, which is when no answer came, and later than the send.
   */
  intentArrived(work: WorkId): Promise<void>;
  /** The same of all that these incarnations have open, from `aliveUntil` on if that is later. @returns how many */
  intentsArrived(of: Holder, which: Incarnations, aliveUntil: string | null): Promise<number>;
  forgetClosedIntents(olderThanDays: number): Promise<void>;
}

export interface SentRow {
  readonly highWaterMark: string | null;
  readonly legacyId: string | undefined;
  /** null = a delete. */
  readonly row: Record<string, unknown> | null;
}

export interface OpenedSend {
  readonly work: Work;
  readonly sent: SentRow;
}

export interface ClosedSend {
  readonly work: WorkId;
  readonly outcome: string;
  readonly legacyId: string | undefined;
}

export interface SendToRead {
  readonly work: WorkId;
  readonly entity: string;
  readonly port: string;
  readonly settleAfterMs: number;
}

export interface SendRead {
  /** The latest link of the key. */
  readonly legacyId: string | undefined;
  readonly ported: LastPorted | undefined;
  readonly intent: Intent | undefined;
}

export interface OtherCreate {
  readonly key: string;
  readonly highWaterMark: string | null;
  readonly row: Record<string, unknown> | null;
}

/** A key of an entity, at one port. */
export interface PortKey {
  readonly entity: string;
  readonly port: string;
  readonly key: string;
}

export interface PortLink extends PortKey {
  readonly legacyId: string;
}

/** A link that could not be written: `heldBy` has the legacy row. */
export interface TakenLink extends PortLink {
  readonly heldBy: string;
}

export type LinksWhere = { readonly entity: string; readonly port: string } & (
  | { readonly legacyIds: readonly string[] }
  | { readonly keys: readonly string[] }
);

/** Entity id <-> legacy id. Never removed: a key may get further ones, the latest counts. */
export interface LinkStatements {
  /** Of an entity, to the end of the transaction: shared by its writers, alone by who is about to wait. */
  lockLinks(entity: string, how: 'shared' | 'alone'): Promise<void>;
  /** One whose (entity, port, legacy id) is there is left out. @param links all of one entity */
  addLinks(links: readonly PortLink[]): Promise<void>;
  /** Those whose legacy id another key has. @param links all of one entity */
  takenLinks(links: readonly PortLink[]): Promise<readonly TakenLink[]>;
  /** By legacy id: whichever key has it, in that order. By key: the legacy id it got last, in the keys' order. */
  findLinks(where: LinksWhere): Promise<readonly Omit<PortLink, 'port'>[]>;
  /** Those that are deleted with nothing left to send. */
  goneKeys(consumer: string, keys: readonly string[]): Promise<readonly string[]>;
}

/** The row as legacy last had it by us, or as it was last imported. */
export interface PortedStatements {
  /** Of those keys that have one. */
  readPorted(consumer: string, keys: readonly string[]): Promise<ReadonlyMap<string, PortedRow>>;
  /**
   * Against what is there the higher version stays, and one sent once more against its own; the row it takes the place of goes to the front
   * of `earlier`. @param rows one per key
   */
  savePorted(rows: readonly Ported[]): Promise<void>;
}

/** Receipts that the log has not acknowledged. */
export interface ReceiptStatements {
  /** In this order. Each gets its id here and keeps it: appended again it is the same record. */
  addReceipts(writer: string, receipts: readonly NewReceipt[]): Promise<void>;
  /**
   * Oldest first: the writer's own, and those of instances that are silent, gone or unknown, of which nobody else would append them. Not
   * those under way, nor those behind one of their key that another living instance has yet to append.
   */
  waitingReceipts(writer: string, underWay: readonly number[], limit: number): Promise<readonly WaitingReceipt[]>;
  forgetReceipts(ids: readonly number[]): Promise<void>;
}

export interface WaitingReceipt {
  /** The store's. */
  readonly id: number;
  /** The record's. */
  readonly receiptId: string;
  readonly key: string;
  readonly body: ReceiptBody;
  readonly trace: Trace;
}

export type SwitchMode = 'on' | 'off';

/** What the control log says of a port. */
export interface PortSwitch {
  /** `order.backend` */
  readonly consumer: string;
  readonly mode: SwitchMode;
  /** The subject's version in the control log. */
  readonly version: number;
}

/** What the control log said last of a port. */
export interface SwitchStatements {
  /** To the end of the transaction: shared by intakes, which look, alone by who switches. */
  lockSwitch(consumer: string, how: 'shared' | 'alone'): Promise<void>;
  /** @returns false = one of this version or a later one is there */
  saveSwitch(to: PortSwitch): Promise<boolean>;
  isOff(consumer: string): Promise<boolean>;
}

/** `silent`: it did not leave, and has not shown itself for `SILENT_MS`; dead or cut off, nobody can tell. */
export type InstanceState = 'alive' | 'silent' | 'left';

/** Who sends. The same name coming up again, as a later incarnation, proves the earlier one dead. */
export interface InstanceStatements {
  /** The next incarnation of the name, showing itself now. `aliveUntil`: when the one before it left, or its lease ends; null = there was none. */
  comeUp(name: string): Promise<{ readonly incarnation: number; readonly aliveUntil: string | null }>;
  /** @returns false = another incarnation has the name; nothing is changed */
  heartbeat(holder: Holder): Promise<boolean>;
  /** It left in order. */
  leaves(holder: Holder): Promise<void>;
  /** Holds it to the end of the transaction. @returns undefined = the name never came up */
  lockInstance(
    name: string,
  ): Promise<{ readonly state: InstanceState; readonly incarnation: number; readonly aliveUntil: string } | undefined>;
  /** It is dead, under this incarnation. */
  bury(dead: Holder): Promise<void>;
}

/** What a database that was lost, or put back to an earlier day, learns from the receipts. By consumer: `order.backend`. */
export interface RebuildStatements {
  /** Offset of the next receipt, by partition of their topic; a consumer for which none was ever read is missing. */
  receiptsRead(consumers: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>>;
  /** Never backwards. */
  saveReceiptsRead(consumer: string, next: ReadonlyMap<number, bigint>): Promise<void>;
  /** Those whose intake begins at 0 although sends, links or ported rows of theirs are there. */
  mixed(consumers: readonly string[]): Promise<readonly string[]>;
  /** Up to this version receipts say that it is ported. Of rows that are there; never backwards. */
  markRestored(consumer: string, keys: readonly RestoredKey[]): Promise<void>;
  /** Those of them that were restored, with the version. */
  restoredVersions(consumer: string, keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Ends the sends of these keys up to these versions, with what is journalled of them: receipts say that they were made. */
  dropRestored(consumer: string, upTo: readonly RestoredKey[]): Promise<void>;
  /**
   * Journals sends that are due, and of which nothing is, as sent by somebody who did not live to tell: legacy is asked first, and may
   * execute them as if they had been sent now. @param keys default: all. @returns how many
   */
  doubtSends(consumer: string, writer: string, keys?: readonly string[]): Promise<number>;
  /** How far in the entity's topic, by partition, sends may have been made that this database does not know of. Never backwards. */
  saveLostPast(consumer: string, until: ReadonlyMap<number, bigint>): Promise<void>;
  /** One that lost nothing is missing. */
  lostPasts(consumers: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>>;
  /** Whether the intake has not come so far yet. */
  isBehindLostPast(consumer: string): Promise<boolean>;
}

export interface RestoredKey {
  readonly key: string;
  readonly version: number;
}
