import { storable } from '@banyan/postgres';
import { isRestatement } from '@banyan/transformer';
import type { ReceiptBody, ReceiptOutcome } from '../receipts/receipt.js';
import { retryAfterAttempts } from '../sending/pace.js';
import { awaitedLink, type SendingPort } from '../sending/sending-port.js';
import type { Verdict } from '../sending/verdict.js';
import { claimLost } from './journal.js';
import { lockLinks, writeLinks } from './links.js';
import type { PorterStatements, PorterStore, Released } from './porter-store.js';
import type { Holder, Work } from './work.js';

export interface SettleContext {
  readonly store: PorterStore;
  readonly holder: Holder;
  readonly port: SendingPort;
  readonly work: Work;
  /** Wall clock, milliseconds, for the receipt. */
  readonly nowMs: number;
}

/**
 * Writes what became of a send, in ONE transaction, together with the end of the claim: a crash before it leaves the open intent,
 * and the next to come asks legacy; a crash behind it leaves nothing to do. Repeatable after an error of unknown fate: the second
 * time the claim is gone and it throws `PORTER_CLAIM_LOST`.
 */
export async function settle(context: SettleContext, verdict: Verdict): Promise<void> {
  await context.store.transaction(async (tx) => {
    switch (verdict.type) {
      case 'done':
        return close(tx, context, verdict);
      case 'overtaken':
        await finish(tx, context, 'overtaken', undefined);
        await closeIfWhole(tx, context, verdict.byVersion);
        return note(tx, context, 'skipped', {
          whole: isWhole(context),
          reason: `version ${verdict.byVersion} was imported from legacy since`,
        });
      case 'waiting':
        return wait(tx, context, verdict);
      case 'parked':
      case 'in-doubt':
        return stand(tx, context, verdict);
      case 'again':
        return goOn(tx, context, verdict);
    }
  });
}

/** Gives the claim back without a word about how it ended, the send as unclear: for when no word can be written. */
export async function letGo(context: Pick<SettleContext, 'store' | 'work'>): Promise<void> {
  await context.store.transaction(async (tx) => {
    await release(tx, context, { state: 'ready', afterMs: retryAfterAttempts(context.work.attempts + 1) });
    await tx.intentArrived(context.work);
  });
}

async function close(
  tx: PorterStatements,
  context: SettleContext,
  { legacyId, hash, unsent }: Extract<Verdict, { type: 'done' }>,
): Promise<void> {
  const { port, work } = context;
  const link = { entity: port.entity.name, port: port.definition.name, key: work.key, legacyId };
  const links = port.definition.primary && work.operation !== 'delete';
  const taken = links ? await writeLinks(tx, [link]) : [];
  if (taken[0] !== undefined) {
    // Two sends found one row. Whoever linked it first has it; what became of this one only a person can see.
    const message = `Legacy answered ${port.entity.name} ${work.key} with row ${legacyId}, which is linked to ${taken[0].heldBy}; look for its own row in legacy.`;
    return stand(tx, context, { type: 'in-doubt', code: 'PORTER_LINK_TAKEN', message });
  }
  await finish(tx, context, 'ported', legacyId);
  const { consumer, key, version } = work;
  const again = work.rePort === 'added';
  await tx.savePorted([{ consumer, key, version, hash, created: work.operation === 'create' }], again);
  await closeIfWhole(tx, context, version);
  const row = { legacyId, rowHash: hash, whole: isWhole(context) };
  if (again && unsent === true) return note(tx, context, 'skipped', { ...row, reason: 'legacy has this row already' });
  return note(tx, context, 'ported', row);
}

/** Whether a person asked for it: by a re-port, or by the whole state that he gave. */
function isWhole({ port, work }: SettleContext): boolean {
  return work.rePort !== undefined || isRestatement(port.entity, work.eventType);
}

/** Legacy has the whole state of that version: what was given up before it is made good. */
async function closeIfWhole(tx: PorterStatements, context: SettleContext, version: number): Promise<void> {
  const { consumer, key } = context.work;
  if (isWhole(context)) await tx.closeUnlike(consumer, new Map([[key, version]]));
}

async function finish(tx: PorterStatements, { work }: SettleContext, outcome: string, legacyId: string | undefined) {
  if (!(await tx.finishWork(work))) throw claimLost(work);
  await tx.closeIntent(work, outcome, legacyId);
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
  await release(tx, context, { state: 'waiting', waitingFor });
  // Behind the lock every link that was being written is there: if one of ours is, nobody will wake this send.
  await tx.readyIfLinked(context.work, awaited);
}

async function stand(
  tx: PorterStatements,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'parked' | 'in-doubt' }>,
): Promise<void> {
  const refusal = verdict.type === 'parked' ? verdict.refusal : undefined;
  await release(tx, context, { state: verdict.type, code: verdict.code, message: verdict.message, refusal });
  if (verdict.type === 'parked') {
    // Nothing of it is under way: an attempt after a person's replay is a first one.
    await tx.dropIntent(context.work, 'any');
  } else {
    await tx.intentArrived(context.work);
  }
  const outcome = verdict.type === 'parked' ? 'parked' : 'inDoubt';
  await note(tx, context, outcome, { reason: `${verdict.code}: ${verdict.message}` });
}

async function goOn(
  tx: PorterStatements,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'again' }>,
): Promise<void> {
  const { work } = context;
  const afterMs = verdict.afterMs ?? retryAfterAttempts(work.attempts + 1);
  await release(tx, context, { state: 'ready', code: 'PORTER_RETRY', message: verdict.reason, afterMs });
  if (verdict.mayHaveArrived) return tx.intentArrived(work);
  // Nothing of this attempt reached legacy: the journal says what it said before it.
  await tx.dropIntent(work, 'unarrived');
  await tx.openToUnclear(work);
}

async function release(tx: PorterStatements, { work }: Pick<SettleContext, 'work'>, to: Released): Promise<void> {
  const written = to.message === undefined ? to : { ...to, message: storable(to.message) };
  if (!(await tx.releaseWork(work, written))) throw claimLost(work);
}

function note(
  tx: PorterStatements,
  { port, work, holder, nowMs }: SettleContext,
  outcome: ReceiptOutcome,
  more: Partial<Pick<ReceiptBody, 'legacyId' | 'rowHash' | 'whole' | 'reason'>>,
): Promise<void> {
  const body = {
    entity: port.entity.name,
    key: work.key,
    eventId: work.eventId,
    port: port.definition.name,
    outcome,
    version: work.version,
    transformerVersion: port.entity.version,
    stateHash: work.stateHash ?? null,
    legacyId: more.legacyId ?? null,
    rowHash: more.rowHash ?? null,
    whole: more.whole ?? false,
    operation: work.operation,
    // It may quote what somebody else wrote. Refused here, the result of the send could not be written, and it would go out again.
    reason: more.reason === undefined || more.reason === null ? null : storable(more.reason),
    atMs: nowMs,
  };
  return tx.addReceipts(holder.name, [{ body, trace: work.trace }]);
}
