import { BanyanError, isBanyanError } from '@banyan/core';
import { decideWrite, type NotSeen, type SeenRow, type SendOptions, type WriteOutcome } from '@banyan/legacy';
import type { LegacyRow } from '@banyan/transformer';
import type { Intent, Work } from '../store/work.js';
import { causedBy } from './caused-by.js';
import {
  afterProbe,
  afterTransaction,
  afterWrite,
  bypass,
  doneAs,
  gone,
  type Sent,
  waitUntilSettled,
} from './decide.js';
import { type Formatted, formatWork } from './format-work.js';
import type { Entry } from './places.js';
import type { HttpSendingPort, Known, SendingPort, SqlSendingPort } from './sending-port.js';
import { type Attempted, answered, failed, unasked } from './verdict.js';

/** What an attempt needs of the journal; every method throws `POSTGRES_UNAVAILABLE` (retryable). */
export interface Journal {
  load(work: Work, port: SendingPort): Promise<Known>;
  /**
   * Writes that the work is about to be sent; not for `transactional` sends, whose marker knows more than any journal. Throws `PORTER_CLAIM_LOST` when another claim has taken the work over: then
   * nothing may be sent.
   */
  open(
    work: Work,
    sent: {
      readonly highWaterMark: string | null;
      readonly legacyId: string | undefined;
      readonly row: LegacyRow | null;
    },
  ): Promise<void>;
  /** Of these legacy ids: those linked to another key, and those that another open send may have made. */
  claimants(
    work: Work,
    port: HttpSendingPort,
    rows: readonly SeenRow<LegacyRow>[],
  ): Promise<{ readonly linked: ReadonlySet<string>; readonly contested: ReadonlySet<string> }>;
}

export interface AttemptContext {
  readonly work: Work;
  readonly port: SendingPort;
  readonly journal: Journal;
  /** The lease; asked right before the socket write. */
  mayWrite(): boolean;
  /** Waits until the target bears one more; asked once, before legacy is. Default: it does. */
  enter?(): Promise<Entry>;
}

interface Step<P extends SendingPort = HttpSendingPort> extends AttemptContext {
  readonly port: P;
  readonly known: Known;
  readonly formatted: Extract<Formatted, { type: 'row' }>;
  readonly sent: Sent;
}

/**
 * One attempt at one send: look what is known, ask legacy where that is needed, journal, write. Changes nothing but the journal's
 * open intent and legacy. Never throws: what goes wrong is a verdict.
 */
export async function attempt(context: AttemptContext): Promise<Attempted> {
  const progress = { written: false };
  const mayWrite = (): boolean => {
    progress.written = context.mayWrite();
    return progress.written;
  };
  try {
    return await steps({ ...context, mayWrite });
  } catch (error) {
    if (isBanyanError(error) && error.code === 'PORTER_CLAIM_LOST') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return unasked({ type: 'again', reason, mayHaveArrived: progress.written });
  }
}

async function steps(context: AttemptContext): Promise<Attempted> {
  const { work, port, journal } = context;
  const known = await journal.load(work, port);
  const latest = known.ported?.version;
  // What is sent once more may be of the very version that legacy has.
  if (latest !== undefined && (work.rePort === 'added' ? latest > work.version : latest >= work.version)) {
    return unasked({ type: 'overtaken', byVersion: latest });
  }
  const formatted = formatWork(port, work, known);
  if (formatted.type !== 'row') return unasked(formatted);
  const sent = {
    entity: port.entity.name,
    key: work.key,
    operation: work.operation,
    legacyId: formatted.legacyId,
    mayHaveArrived: known.intent?.mayHaveArrived ?? false,
  };
  if (port.over === 'sql') return inOneTransaction({ ...context, port, known, formatted, sent });
  const step: Step = { ...context, port, known, formatted, sent };
  const probing = work.operation === 'create' && port.sender.target.create.deliveryClass === 'probe';
  return probing ? atItsPlace(step, () => createByProbe(step)) : compareAndSet(step);
}

/** @param exchange with legacy, as soon as it bears one more */
async function atItsPlace(context: AttemptContext, exchange: () => Promise<Attempted>): Promise<Attempted> {
  switch ((await context.enter?.()) ?? 'entered') {
    case 'entered':
      return exchange();
    case 'entered-late':
      return steps({ ...context, enter: async () => 'entered' });
    case 'dismissed': {
      const reason = 'Legacy is left alone, or the port rests: it was not sent.';
      return unasked({ type: 'again', reason, mayHaveArrived: false, afterMs: 0 });
    }
  }
}

/** Row and marker at once: whatever became of an earlier attempt, the marker says it, so nothing is journalled and nobody waits. */
async function inOneTransaction(step: Step<SqlSendingPort>): Promise<Attempted> {
  const { work, port, known, formatted, sent, mayWrite } = step;
  const change = {
    key: work.key,
    version: work.version,
    legacyId: legacyIdIn(formatted, work),
    row: formatted.row,
    last: known.ported,
    again: work.rePort === 'added',
  };
  return atItsPlace(step, async () => afterTransaction(sent, await port.sender.send(change, { mayWrite })));
}

/** A repeat would double: legacy is asked first whether an earlier attempt arrived. */
async function createByProbe(step: Step): Promise<Attempted> {
  const { work, port, journal, sent, known } = step;
  const row = rowOf(step);
  if (sent.mayHaveArrived) {
    const intent = intentOf(known);
    const probe = await port.sender.probe({ id: work.key, row, highWaterMark: intent.highWaterMark });
    if (probe.type !== 'candidates') return notSeen(step, probe);
    const { linked, contested } = await journal.claimants(work, port, probe.ours);
    const ours = probe.ours.filter(({ legacyId }) => !linked.has(legacyId));
    const { settled, settledInMs } = intent;
    const found = afterProbe(sent, { ours, row, hash: port.sender.hash, contested, settled, settledInMs });
    if (found !== undefined) return found;
  }
  let highWaterMark = known.intent?.highWaterMark ?? null;
  if (highWaterMark === null) {
    const marked = await port.sender.highWaterMark();
    if (marked.type !== 'mark') return notSeen(step, marked);
    highWaterMark = marked.mark;
  }
  await journal.open(work, { highWaterMark, legacyId: undefined, row });
  return afterWrite(sent, await port.sender.create(row, writing(step)));
}

/**
 * What somebody else wrote is not covered, and a repeat does no harm. Where legacy compares by If-Match and the ETag of the row last ported is
 * known, the write alone does it; else look, compare, write.
 */
async function compareAndSet(step: Step): Promise<Attempted> {
  const { work, journal, formatted } = step;
  const legacyId = legacyIdIn(formatted, work);
  // Journalled before the look: between look and write lies the window in which others are not seen, so it is kept to one exchange.
  await journal.open(work, { highWaterMark: null, legacyId, row: formatted.row });
  return atItsPlace(step, () => compareAndWrite(step, legacyId));
}

async function compareAndWrite(step: Step, legacyId: string): Promise<Attempted> {
  const { work, port, sent, known } = step;
  // An attempt that may have arrived has changed the row then: legacy is asked first, whatever it can compare.
  // So it is for one that is sent once more: it may have that row already.
  const etag = port.sender.target.ifMatch && work.rePort !== 'added' ? known.ported?.etag : undefined;
  if (work.operation !== 'create' && etag !== undefined && !sent.mayHaveArrived) {
    const outcome = await change(step, legacyId, etag);
    if (outcome.type !== 'changed') return afterWrite(sent, outcome);
    // Somebody wrote the row, or legacy only gives it another ETag since: a look tells.
  }
  return lookThenWrite(step, legacyId);
}

async function lookThenWrite(step: Step, legacyId: string): Promise<Attempted> {
  const { work, port, sent, known, formatted } = step;
  const { sender } = port;
  const look = await sender.look(legacyId);
  if (look.type !== 'row' && look.type !== 'absent') return notSeen(step, look);
  const found = look.type === 'row' ? look.seen.hash : null;
  const wanted = formatted.row === null ? null : sender.hash(formatted.row);
  // A delete that was given up since there is no such row: sent once more it finds legacy as it shall be.
  if (work.rePort === 'added' && found === null && wanted === null) return answered({ ...gone(sent), unsent: true });
  const decision = decideWrite({
    operation: work.operation,
    found,
    wanted,
    expected: known.ported?.hash,
    mayHaveArrived: sent.mayHaveArrived,
    settled: known.intent?.settled ?? true,
  });
  switch (decision.type) {
    case 'done':
      return answered(look.type === 'row' ? { ...doneAs(look.seen), unsent: true } : gone(sent));
    case 'bypass':
      return answered(bypass(sent, decision.reason));
    case 'wait':
      return answered(waitUntilSettled(known.intent?.settledInMs ?? 0));
    case 'write':
      break;
  }
  return afterWrite(sent, await change(step, legacyId, look.type === 'row' ? look.seen.etag : undefined));
}

/** @param etag of the row that is changed; ignored where legacy does not compare by it */
function change(step: Step, legacyId: string, etag: string | undefined): Promise<WriteOutcome<LegacyRow>> {
  const { work, port, formatted } = step;
  const { sender } = port;
  const options = { ...writing(step), ...(sender.target.ifMatch ? { ifMatch: etag } : {}) };
  if (formatted.row === null) return sender.delete(legacyId, options);
  return work.operation === 'create'
    ? sender.create(formatted.row, options)
    : sender.update(legacyId, formatted.row, options);
}

function notSeen({ sent }: Step, look: NotSeen): Attempted {
  if (look.type === 'unavailable') return failed(look, false);
  const message = `Legacy's answer about ${sent.entity} ${sent.key} cannot be read (${look.reason}); mend it, then \`banyan parked replay ${sent.entity} ${sent.key}\`.`;
  return answered({ type: sent.mayHaveArrived ? 'in-doubt' : 'parked', code: 'PORTER_LEGACY_UNREADABLE', message });
}

function legacyIdIn({ legacyId }: Step['formatted'], { key }: Work): string {
  if (legacyId !== undefined) return legacyId;
  throw new BanyanError('PORTER_LINK_MISSING', `No legacy id is known for ${key}.`);
}

function rowOf({ formatted, work }: Step): LegacyRow {
  if (formatted.row !== null) return formatted.row;
  throw new BanyanError('PORTER_DOCUMENT_MISSING', `The create of ${work.key} has no document to send.`);
}

function intentOf(known: Known): Intent {
  if (known.intent !== undefined) return known.intent;
  throw new BanyanError('PORTER_INTENT_MISSING', 'A send that may have arrived has no intent.');
}

function writing({ work, mayWrite }: Step): SendOptions {
  return { mayWrite, headers: causedBy(work) };
}
