import { storable, together } from '@banyan/postgres';
import { isRestatement } from '@banyan/transformer';
import type { NewReceipt, ReceiptBody, ReceiptOutcome } from '../receipts/receipt.js';
import { retryAfterAttempts } from '../sending/pace.js';
import { awaitedLink, type SendingPort } from '../sending/sending-port.js';
import type { Verdict } from '../sending/verdict.js';
import { Group } from './group.js';
import { claimLost } from './journal.js';
import { lockLinks, writeLinks } from './links.js';
import { latestPorted } from './ported.js';
import type { PorterStatements, PorterStore, Released } from './porter-store.js';
import type { Holder, Work } from './work.js';

export interface SettleContext {
  readonly holder: Holder;
  readonly port: SendingPort;
  readonly work: Work;
  /** Wall clock, milliseconds, for the receipt. */
  readonly nowMs: number;
}

/** Writes what became of a send. Throws `PORTER_CLAIM_LOST`, and `POSTGRES_UNAVAILABLE` (retryable). */
export type Settle = (context: Omit<SettleContext, 'holder'>, verdict: Verdict) => Promise<void>;

/**
 * Writes what became of a send, in ONE transaction, together with the end of the claim: a crash before it leaves the open intent,
 * and the next to come asks legacy; a crash behind it leaves nothing to do. Repeatable after an error of unknown fate: the second
 * time the claim is gone and it throws `PORTER_CLAIM_LOST`.
 *
 * Sends that are done are closed together with those that are done meanwhile, in one transaction for all of them: each is closed whole or not
 * at all, and none fails for another's sake.
 */
export function settling(store: PorterStore, holder: Holder): Settle {
  const closing = new Group((done: readonly Done[]) => store.transaction((tx) => close(tx, done)));
  return async (of, verdict) => {
    const context = { ...of, holder };
    if (verdict.type !== 'done') return store.transaction((tx) => write(tx, context, verdict));
    if (!(await closing.add({ context, verdict }))) throw claimLost(context.work);
  };
}

interface Done {
  readonly context: SettleContext;
  readonly verdict: Extract<Verdict, { type: 'done' }>;
}

async function write(
  tx: PorterStatements,
  context: SettleContext,
  verdict: Exclude<Verdict, { type: 'done' }>,
): Promise<void> {
  switch (verdict.type) {
    case 'overtaken':
      return overtaken(tx, context, verdict);
    case 'waiting':
      return wait(tx, context, verdict);
    case 'parked':
    case 'in-doubt':
      return stand(tx, context, verdict);
    case 'again':
      return goOn(tx, context, verdict);
  }
}

/** Gives the claim back without a word about how it ended, the send as unclear: for when no word can be written. */
export async function letGo(store: PorterStore, work: Work): Promise<void> {
  await store.transaction(async (tx) => {
    await release(tx, work, { state: 'ready', afterMs: retryAfterAttempts(work.attempts + 1) });
    await tx.intentArrived(work);
  });
}

/** Answers which of them still had their claim, and so are closed. */
async function close(tx: PorterStatements, done: readonly Done[]): Promise<readonly boolean[]> {
  const claims = new Set(await tx.lockClaims(done.map(({ context }) => context.work)));
  // One that is named twice has one end.
  const isHeld = done.map(({ context }) => claims.delete(context.work.claim));
  const held = done.filter((_, at) => isHeld[at]);
  const taken = await link(tx, held);
  const closed = held.filter((one) => !taken.has(one));
  const ends = closed.map(({ context, verdict }) => ({ ...context.work, ...verdict, work: context.work }));
  const ported = ends.map(({ work, consumer, key, version, hash, etag, operation }) => {
    return { consumer, key, version, hash, etag, created: operation === 'create', again: isAgain(work) };
  });
  await together(
    tx.finishWork(ends.map(({ work }) => work)),
    tx.closeIntents(ends.map(({ work, legacyId }) => ({ work, outcome: 'ported', legacyId }))),
    tx.savePorted(latestPorted(ported)),
    closeUnlike(
      tx,
      closed.map(({ context }) => ({ context, upTo: context.work.version })),
    ),
    note(tx, closed.map(doneNote)),
  );
  for (const [{ context, verdict }, heldBy] of taken) await stand(tx, context, linkTaken(context, verdict, heldBy));
  return isHeld;
}

/** Writes the links that legacy's ids make; what is changed or deleted has its own. Answers those whose row another key has, and which. */
async function link(tx: PorterStatements, done: readonly Done[]): Promise<ReadonlyMap<Done, string>> {
  const taken = new Map<Done, string>();
  const made = done.filter(({ context: { port, work } }) => port.definition.primary && work.operation === 'create');
  const byEntity = Map.groupBy(made, ({ context }) => context.port.entity.name);
  // In one order, so that two writers never wait for each other.
  for (const [entity, ofEntity] of [...byEntity].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const links = ofEntity.map(({ context: { port, work }, verdict: { legacyId } }) => {
      return { entity, port: port.definition.name, key: work.key, legacyId };
    });
    for (const { port, key, legacyId, heldBy } of await writeLinks(tx, links)) {
      const at = links.findIndex((one) => one.port === port && one.key === key && one.legacyId === legacyId);
      taken.set(ofEntity[at] as Done, heldBy);
    }
  }
  return taken;
}

/** Two sends found one row. Whoever linked it first has it; what became of this one only a person can see. */
function linkTaken(
  { port, work }: SettleContext,
  { legacyId }: Done['verdict'],
  heldBy: string,
): Extract<Verdict, { type: 'in-doubt' }> {
  const message = `Legacy answered ${port.entity.name} ${work.key} with row ${legacyId}, which is linked to ${heldBy}; look for its own row in legacy.`;
  return { type: 'in-doubt', code: 'PORTER_LINK_TAKEN', message };
}

function doneNote({ context, verdict: { legacyId, hash, unsent } }: Done): Note {
  const row = { context, legacyId, rowHash: hash, whole: isWhole(context) };
  if (!isAgain(context.work) || unsent !== true) return { ...row, outcome: 'ported' };
  return { ...row, outcome: 'skipped', reason: 'legacy has this row already' };
}

/** It is the state that legacy has, or should have, sent once more. */
function isAgain({ rePort }: Work): boolean {
  return rePort === 'added';
}

/** Whether a person asked for it: by a re-port, or by the whole state that he gave. */
function isWhole({ port, work }: SettleContext): boolean {
  return work.rePort !== undefined || isRestatement(port.entity, work.eventType);
}

/** Of those that are whole legacy has the whole state of that version: what was given up before it is made good. */
async function closeUnlike(
  tx: PorterStatements,
  closed: readonly { readonly context: SettleContext; readonly upTo: number }[],
): Promise<void> {
  const byConsumer = Map.groupBy(
    closed.filter(({ context }) => isWhole(context)),
    ({ context }) => context.work.consumer,
  );
  for (const [consumer, ofConsumer] of byConsumer) {
    await tx.closeUnlike(consumer, new Map(ofConsumer.map(({ context, upTo }) => [context.work.key, upTo])));
  }
}

async function overtaken(
  tx: PorterStatements,
  context: SettleContext,
  { byVersion }: Extract<Verdict, { type: 'overtaken' }>,
): Promise<void> {
  const { work } = context;
  if ((await tx.finishWork([work])).size === 0) throw claimLost(work);
  await tx.closeIntents([{ work, outcome: 'overtaken', legacyId: undefined }]);
  await closeUnlike(tx, [{ context, upTo: byVersion }]);
  const reason = `version ${byVersion} was imported from legacy since`;
  await note(tx, [{ context, outcome: 'skipped', whole: isWhole(context), reason }]);
}

async function wait(
  tx: PorterStatements,
  context: SettleContext,
  { references }: Extract<Verdict, { type: 'waiting' }>,
) {
  await lockLinks(
    tx,
    references.map(({ entity }) => entity),
  );
  const awaited = references.map(({ entity, id }) => ({ entity, port: context.port.portOf(entity), key: id }));
  const waitingFor = awaited.map(({ entity, port, key }) => awaitedLink(entity, port, key));
  await release(tx, context.work, { state: 'waiting', waitingFor });
  // Behind the lock every link that was being written is there: if one of ours is, nobody will wake this send.
  await tx.readyIfLinked(context.work, awaited);
}

async function stand(
  tx: PorterStatements,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'parked' | 'in-doubt' }>,
): Promise<void> {
  const refusal = verdict.type === 'parked' ? verdict.refusal : undefined;
  await release(tx, context.work, { state: verdict.type, code: verdict.code, message: verdict.message, refusal });
  if (verdict.type === 'parked') {
    // Nothing of it is under way: an attempt after a person's replay is a first one.
    await tx.dropIntent(context.work, 'any');
  } else {
    await tx.intentArrived(context.work);
  }
  const outcome = verdict.type === 'parked' ? 'parked' : 'inDoubt';
  await note(tx, [{ context, outcome, reason: `${verdict.code}: ${verdict.message}` }]);
}

async function goOn(
  tx: PorterStatements,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'again' }>,
): Promise<void> {
  const { work } = context;
  const afterMs = verdict.afterMs ?? retryAfterAttempts(work.attempts + 1);
  await release(tx, work, { state: 'ready', code: 'PORTER_RETRY', message: verdict.reason, afterMs });
  if (verdict.mayHaveArrived) return tx.intentArrived(work);
  // Nothing of this attempt reached legacy: the journal says what it said before it.
  await tx.dropIntent(work, 'unarrived');
  await tx.openToUnclear(work);
}

async function release(tx: PorterStatements, work: Work, to: Released): Promise<void> {
  const written = to.message === undefined ? to : { ...to, message: storable(to.message) };
  if (!(await tx.releaseWork(work, written))) throw claimLost(work);
}

/** Beside who it is of, and how it ended. */
type Told = Partial<Pick<ReceiptBody, 'legacyId' | 'rowHash' | 'whole' | 'reason'>>;

interface Note extends Told {
  readonly context: SettleContext;
  readonly outcome: ReceiptOutcome;
}

async function note(tx: PorterStatements, notes: readonly Note[]): Promise<void> {
  const [first] = notes;
  if (first !== undefined) await tx.addReceipts(first.context.holder.name, notes.map(receiptOf));
}

function receiptOf({ context: { port, work, nowMs }, outcome, legacyId, rowHash, whole, reason }: Note): NewReceipt {
  const body = {
    entity: port.entity.name,
    key: work.key,
    eventId: work.eventId,
    port: port.definition.name,
    outcome,
    version: work.version,
    transformerVersion: port.entity.version,
    stateHash: work.stateHash ?? null,
    legacyId: legacyId ?? null,
    rowHash: rowHash ?? null,
    whole: whole ?? false,
    operation: work.operation,
    // It may quote what somebody else wrote. Refused here, the result of the send could not be written, and it would go out again.
    reason: reason === undefined || reason === null ? null : storable(reason),
    atMs: nowMs,
  };
  return { body, trace: work.trace };
}
