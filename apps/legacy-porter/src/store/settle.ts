import { type Connection, type Pool, storable, transaction } from '@banyan/postgres';
import { noteReceipts, type ReceiptOutcome } from '../receipts/receipt.js';
import { retryAfterAttempts } from '../sending/pace.js';
import { awaitedLink, type SendingPort } from '../sending/sending-port.js';
import type { LegacyRefusal, Verdict } from '../sending/verdict.js';
import { claimLost } from './journal.js';
import { lockLinks, writeLinks } from './links.js';
import { savePorted } from './ported.js';
import type { Holder, Work } from './work.js';

export interface SettleContext {
  readonly pool: Pool;
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
  await transaction(context.pool, async (tx) => {
    switch (verdict.type) {
      case 'done':
        return close(tx, context, verdict);
      case 'overtaken':
        await finish(tx, context, 'overtaken', undefined);
        return note(tx, context, 'skipped', { reason: `version ${verdict.byVersion} was imported from legacy since` });
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
export async function letGo(context: Pick<SettleContext, 'pool' | 'work'>): Promise<void> {
  await transaction(context.pool, async (tx) => {
    await release(tx, context, { state: 'ready', afterMs: retryAfterAttempts(context.work.attempts + 1) });
    await intentUnclear(tx, context);
  });
}

async function close(
  tx: Connection,
  context: SettleContext,
  { legacyId, hash }: Extract<Verdict, { type: 'done' }>,
): Promise<void> {
  const { port, work } = context;
  const link = { entity: port.entity.name, port: port.definition.name, key: work.key, legacyId };
  const taken = work.operation === 'delete' ? [] : await writeLinks(tx, [link]);
  if (taken[0] !== undefined) {
    // Two sends found one row. Whoever linked it first has it; what became of this one only a person can see.
    const message = `Legacy answered ${port.entity.name} ${work.key} with row ${legacyId}, which is linked to ${taken[0].heldBy}; look for its own row in legacy.`;
    return stand(tx, context, { type: 'in-doubt', code: 'PORTER_LINK_TAKEN', message });
  }
  await finish(tx, context, 'ported', legacyId);
  const { consumer, key, version } = work;
  await savePorted(tx, [{ consumer, key, version, hash, created: work.operation === 'create' }]);
  await note(tx, context, 'ported', { legacyId });
}

async function finish(tx: Connection, { work }: SettleContext, outcome: string, legacyId: string | undefined) {
  const gone = await tx.query(
    'delete from porter.work where consumer = $1 and key = $2 and version = $3 and claim = $4',
    [...idOf(work), work.claim],
  );
  if (gone.rowCount === 0) throw claimLost(work);
  await tx.query(
    `update porter.intent set state = 'closed', closed_at = now(), outcome = $4, legacy_id = coalesce($5, legacy_id)
     where consumer = $1 and key = $2 and version = $3`,
    [...idOf(work), outcome, legacyId ?? null],
  );
}

async function wait(tx: Connection, context: SettleContext, { references }: Extract<Verdict, { type: 'waiting' }>) {
  await lockLinks(
    tx,
    references.map(({ entity }) => entity),
  );
  const awaited = references.map(({ entity, id }) => ({ entity, port: context.port.portOf(entity), id }));
  const names = awaited.map(({ entity, port, id }) => awaitedLink(entity, port, id));
  await release(tx, context, { state: 'waiting', waitingFor: names });
  // Behind the lock every link that was being written is there: if one of ours is, nobody will wake this send.
  await tx.query(
    `update porter.work set state = 'ready', waiting_for = null
     where consumer = $1 and key = $2 and version = $3 and state = 'waiting'
       and exists (select 1 from porter.link l join unnest($4::text[], $5::text[], $6::uuid[]) as a(entity, port, key)
                   on l.entity = a.entity and l.port = a.port and l.key = a.key)`,
    [
      ...idOf(context.work),
      awaited.map(({ entity }) => entity),
      awaited.map(({ port }) => port),
      awaited.map(({ id }) => id),
    ],
  );
}

async function stand(
  tx: Connection,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'parked' | 'in-doubt' }>,
): Promise<void> {
  const refusal = verdict.type === 'parked' ? verdict.refusal : undefined;
  await release(tx, context, { state: verdict.type, code: verdict.code, message: verdict.message, refusal });
  if (verdict.type === 'parked') {
    // Nothing of it is under way: an attempt after a person's replay is a first one.
    await tx.query(`delete from porter.intent where consumer = $1 and key = $2 and version = $3`, idOf(context.work));
  } else {
    await intentUnclear(tx, context);
  }
  const outcome = verdict.type === 'parked' ? 'parked' : 'inDoubt';
  await note(tx, context, outcome, { reason: `${verdict.code}: ${verdict.message}` });
}

async function goOn(
  tx: Connection,
  context: SettleContext,
  verdict: Extract<Verdict, { type: 'again' }>,
): Promise<void> {
  const { work } = context;
  const afterMs = verdict.afterMs ?? retryAfterAttempts(work.attempts + 1);
  await release(tx, context, { state: 'ready', code: 'PORTER_RETRY', message: verdict.reason, afterMs });
  if (verdict.mayHaveArrived) return intentUnclear(tx, context);
  // Nothing of this attempt reached legacy: the journal says what it said before it.
  await tx.query(
    `delete from porter.intent where consumer = $1 and key = $2 and version = $3 and not may_have_arrived`,
    idOf(work),
  );
  await tx.query(
    `update porter.intent set state = 'unclear' where consumer = $1 and key = $2 and version = $3 and state = 'open'`,
    idOf(work),
  );
}

/** From now on legacy may finish what it has; measured from the answer's absence, which is later than the send. */
async function intentUnclear(tx: Connection, { work }: Pick<SettleContext, 'work'>): Promise<void> {
  await tx.query(
    `update porter.intent set state = 'unclear', may_have_arrived = true, settle_from = clock_timestamp()
     where consumer = $1 and key = $2 and version = $3`,
    idOf(work),
  );
}

interface Released {
  readonly state: 'ready' | 'waiting' | 'parked' | 'in-doubt';
  readonly waitingFor?: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly refusal?: LegacyRefusal | undefined;
  readonly afterMs?: number;
}

async function release(tx: Connection, { work }: Pick<SettleContext, 'work'>, to: Released): Promise<void> {
  const result = await tx.query(
    `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null, attempts = attempts + 1,
       since = case when state = $5 then since else now() end, state = $5, waiting_for = $6, error_code = $7, error_message = $8,
       not_before = clock_timestamp() + make_interval(secs => $9), legacy_status = $10, legacy_words = $11
     where consumer = $1 and key = $2 and version = $3 and claim = $4`,
    [
      ...idOf(work),
      work.claim,
      to.state,
      to.waitingFor ?? null,
      to.code ?? null,
      to.message === undefined ? null : storable(to.message),
      (to.afterMs ?? 0) / 1000,
      to.refusal?.status ?? null,
      to.refusal?.words ?? null,
    ],
  );
  if (result.rowCount === 0) throw claimLost(work);
}

function note(
  tx: Connection,
  { port, work, holder, nowMs }: SettleContext,
  outcome: ReceiptOutcome,
  more: { readonly legacyId?: string; readonly reason?: string },
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
    operation: work.operation,
    // It may quote what somebody else wrote. Refused here, the result of the send could not be written, and it would go out again.
    reason: more.reason === undefined ? null : storable(more.reason),
    atMs: nowMs,
  };
  return noteReceipts(tx, holder.name, [{ body, trace: work.trace }]);
}

function idOf({ consumer, key, version }: Work): [string, string, number] {
  return [consumer, key, version];
}
