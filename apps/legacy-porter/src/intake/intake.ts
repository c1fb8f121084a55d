import { HEADER, hopsOf } from '@banyan/contracts';
import { type BanyanError, isNativeOrigin } from '@banyan/core';
import { type Apply, type Change, stateHash } from '@banyan/sink';
import type { AnyEntity } from '@banyan/transformer';
import type { Place } from '../rebuilding/lost-past.js';
import type { NewReceipt, ReceiptBody } from '../receipts/receipt.js';
import { writeLinks } from '../store/links.js';
import { latestPorted } from '../store/ported.js';
import type { PorterStatements, PorterStore, TakenLink } from '../store/porter-store.js';
import { portOffReceipt, staysOff } from '../store/switches.js';
import type { Trace } from '../store/work.js';
import { isBypass } from './bypass.js';
import { echoOf } from './echo.js';
import { type IntakeEffect, planChange } from './plan-change.js';

export interface IntakeOptions<Handle> {
  readonly store: Pick<PorterStore<Handle>, 'within'>;
  readonly entity: AnyEntity;
  /** The port's name: `backend`. */
  readonly port: string;
  /** Whether imports are rows of this port's backend. Of a further one they say nothing: neither what it has, nor what it is owed. */
  readonly primary: boolean;
  /** Under whose name receipts wait for the log. */
  readonly writer: string;
  readonly nowMs: () => number;
  /** A link that an import names and another key holds: both rows cannot be right. */
  readonly onLinkTaken: (link: TakenLink) => void;
  /** Somebody wrote legacy directly; told again when the slice is repeated. */
  readonly onBypass: (bypass: Bypass) => void;
  /** An event that is kept from legacy until a person has looked; told again when the slice is repeated. */
  readonly onEcho: (why: BanyanError) => void;
  /** What events of V2 that took effect belong to, one id for each, whether they are sent or not; told again when the slice is repeated. */
  readonly onNatives?: (correlationIds: readonly string[]) => void;
  /** The same of those that are sent. */
  readonly onSends: (correlationIds: readonly string[]) => void;
  /** Whether a porter whose database was lost may have handled an event. Default: none was. */
  readonly isLostPast?: (place: Place) => boolean;
}

/** A row of a key that V2 owns, as an import read it, which legacy never had by us. Hashes: null = no row. */
export interface Bypass {
  readonly entity: string;
  readonly key: string;
  /** As the import names it. */
  readonly legacyId: string | null;
  readonly hash: string | null;
  readonly ported: string | null;
}

/**
 * What the changes of a slice mean for one port, written in the slice's transaction: work to send, rows that legacy has already, and
 * receipts for what is not sent.
 */
export function intake<Handle>(options: IntakeOptions<Handle>): Apply<Handle> {
  const { entity, port, primary, writer } = options;
  const consumer = `${entity.name}.${port}`;
  return async (handle, changes) => {
    const tx = options.store.within(handle);
    const effects = changes.map(planChange);
    const due = await unlessTold(tx, options, consumer, effects.filter(isOf('send')));
    const sends = due.map((effect) => ({ ...effect, echo: echoOf(entity.name, effect.change) }));
    const off = sends.length > 0 && (await staysOff(tx, consumer));
    await tx.addWork(
      sends.map(({ operation, change, echo }) => ({
        consumer,
        key: change.key,
        version: change.version,
        eventId: change.eventId,
        eventType: change.eventType ?? change.event.type,
        operation,
        document: change.after,
        stateHash: stateHash(change.after),
        trace: traceOf(change),
        parked: echo,
      })),
      off,
    );
    if (primary) await doubtWhatIsLost(tx, options, consumer, sends);
    for (const { echo } of sends) if (echo !== undefined) options.onEcho(echo);
    if (sends.length > 0) options.onSends(sends.map(({ change }) => actionOf(change)));
    const natives = changes.filter(({ outcome, origin }) => outcome === 'effective' && isNativeOrigin(origin));
    if (natives.length > 0) options.onNatives?.(natives.map(actionOf));
    const told = off
      ? sends.map((effect) => offReceiptOf(options, effect))
      : sends.flatMap((effect) => (effect.echo === undefined ? [] : [echoReceiptOf(options, effect, effect.echo)]));
    if (told.length > 0) await tx.addReceipts(writer, told);
    if (primary) {
      await writeImports(tx, options, consumer, effects.filter(isOf('imported')));
      // Which rows legacy had by us before is not known of a past that was lost.
      const seen = effects.filter(isOf('seen')).filter(({ change }) => !isLost(options, change));
      await lookForBypasses(tx, options, consumer, seen);
    }
    await tx.addReceipts(
      writer,
      effects.filter(isOf('receipt')).map((effect) => receiptOf(options, effect)),
    );
  };
}

export type AnyIntake = Omit<IntakeOptions<never>, 'store'>;
type SendEffect = Extract<IntakeEffect, { type: 'send' }>;

/** What a person or a clock set off. */
function actionOf({ headers, eventId }: Change): string {
  return headers[HEADER.correlationId] ?? eventId;
}

function isLost({ isLostPast }: Pick<AnyIntake, 'isLostPast'>, change: Change): boolean {
  return isLostPast?.(change) ?? false;
}

/**
 * Without the sends that a porter made whose database was lost, or that a person gave up there, as its receipts say: they have their
 * receipt, and need nothing more.
 */
async function unlessTold(
  tx: PorterStatements,
  options: Pick<AnyIntake, 'isLostPast'>,
  consumer: string,
  sends: readonly SendEffect[],
): Promise<readonly SendEffect[]> {
  const lost = sends.filter(({ change }) => isLost(options, change)).map(({ change }) => change.key);
  if (lost.length === 0) return sends;
  const keys = [...new Set(lost)];
  const restored = await tx.restoredVersions(consumer, keys);
  const discarded = await tx.discarded(consumer, keys);
  const isTold = ({ key, version }: Change): boolean =>
    version <= (restored.get(key) ?? 0) || discarded.some((send) => send.key === key && send.version === version);
  return sends.filter(({ change }) => !isLost(options, change) || !isTold(change));
}

/** What no receipt tells of may have been sent all the same: legacy is asked first. A create that is sent blindly could make a second row. */
async function doubtWhatIsLost(
  tx: PorterStatements,
  options: Pick<AnyIntake, 'isLostPast' | 'writer'>,
  consumer: string,
  sends: readonly SendEffect[],
): Promise<void> {
  const lost = sends.filter(({ change }) => isLost(options, change));
  if (lost.length > 0)
    await tx.doubtSends(
      consumer,
      options.writer,
      lost.map(({ change }) => change.key),
    );
}

export async function writeImports(
  tx: PorterStatements,
  { entity, port, onLinkTaken }: AnyIntake,
  consumer: string,
  imports: readonly Extract<IntakeEffect, { type: 'imported' }>[],
): Promise<void> {
  if (imports.length === 0) return;
  const rows = imports.map(({ change, hash }) => ({ consumer, key: change.key, version: change.version, hash }));
  await tx.savePorted(latestPorted(rows));
  const links = imports.map(({ change, legacyId }) => ({ entity: entity.name, port, key: change.key, legacyId }));
  for (const taken of await writeLinks(tx, links)) onLinkTaken(taken);
  await tx.readyOvertaken(
    consumer,
    imports.map(({ change }) => change.key),
  );
}

async function lookForBypasses(
  tx: PorterStatements,
  { entity, onBypass }: AnyIntake,
  consumer: string,
  seen: readonly Extract<IntakeEffect, { type: 'seen' }>[],
): Promise<void> {
  if (seen.length === 0) return;
  const ported = await tx.readPorted(
    consumer,
    seen.map(({ change }) => change.key),
  );
  for (const { change, hash, legacyId } of seen) {
    const { key, version } = change;
    const last = ported.get(key);
    if (last === undefined || !isBypass({ version, hash }, last)) continue;
    onBypass({ entity: entity.name, key, legacyId, hash, ported: last.hash });
  }
}

function echoReceiptOf(
  { entity, port, nowMs }: AnyIntake,
  { change, operation }: Extract<IntakeEffect, { type: 'send' }>,
  echo: BanyanError,
): NewReceipt {
  return {
    trace: traceOf(change),
    body: {
      entity: entity.name,
      key: change.key,
      eventId: change.eventId,
      port,
      outcome: 'parked',
      version: change.version,
      transformerVersion: entity.version,
      stateHash: stateHash(change.after) ?? null,
      legacyId: null,
      operation,
      reason: `${echo.code}: ${echo.message}`,
      atMs: nowMs(),
    },
  };
}

function offReceiptOf(
  { entity, port, nowMs }: AnyIntake,
  { change, operation }: Extract<IntakeEffect, { type: 'send' }>,
): NewReceipt {
  const body = portOffReceipt({
    entity: entity.name,
    key: change.key,
    eventId: change.eventId,
    port,
    version: change.version,
    transformerVersion: entity.version,
    stateHash: stateHash(change.after) ?? null,
    operation,
    atMs: nowMs(),
  });
  return { trace: traceOf(change), body };
}

export function receiptOf(
  { entity, port, nowMs }: AnyIntake,
  effect: Omit<Extract<IntakeEffect, { type: 'receipt' }>, 'outcome'> & Pick<ReceiptBody, 'outcome'>,
  operation: ReceiptBody['operation'] = null,
): NewReceipt {
  const { change, outcome, reason } = effect;
  return {
    trace: traceOf(change),
    body: {
      entity: entity.name,
      key: change.key,
      eventId: change.eventId,
      port,
      outcome,
      version: change.version,
      transformerVersion: entity.version,
      stateHash: stateHash(change.after) ?? null,
      legacyId: null,
      operation,
      reason,
      atMs: nowMs(),
    },
  };
}

/** What belongs together across systems, bounded: it comes from whoever wrote the record. */
function traceOf({ headers }: Change): Trace {
  const short = (text: string | undefined) => (text !== undefined && text.length <= 256 ? text : undefined);
  const correlationId = short(headers[HEADER.correlationId]);
  const traceparent = short(headers[HEADER.traceparent]);
  const hops = hopsOf(headers);
  return {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    hops,
  };
}

export function isOf<T extends IntakeEffect['type']>(type: T) {
  return (effect: IntakeEffect): effect is Extract<IntakeEffect, { type: T }> => effect.type === type;
}
