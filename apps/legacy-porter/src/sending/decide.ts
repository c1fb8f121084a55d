import { excerpt, type SeenRow, type SqlSent, type WriteOutcome } from '@banyan/legacy';
import type { LegacyRow } from '@banyan/transformer';
import type { SendOperation } from '../store/work.js';
import { type Attempted, answered, failed } from './verdict.js';

/** After an unclear answer legacy is asked this soon: what it committed before the connection broke is there already. */
const FIRST_ASK_MS = 100;

const NOT_SENT_AGAIN_MS = 500;

export interface Sent {
  readonly entity: string;
  readonly key: string;
  readonly operation: SendOperation;
  /** Known before the send for updates, deletes and natural keys. */
  readonly legacyId: string | undefined;
  /** An earlier attempt may have been executed. */
  readonly mayHaveArrived: boolean;
}

/** Pure: what follows from the answer to a write. */
export function afterWrite(sent: Sent, outcome: WriteOutcome<LegacyRow>): Attempted {
  switch (outcome.type) {
    case 'written':
      return answered(outcome.seen === undefined ? gone(sent) : doneAs(outcome.seen));
    case 'missing':
      // A repeat meets what its first try did; on a first try somebody else did it.
      if (sent.operation === 'delete' && sent.mayHaveArrived) return answered(gone(sent));
      return answered(bypass(sent, `legacy has no row ${sent.legacyId} (HTTP 404 to the ${sent.operation})`));
    case 'changed':
      // The next attempt looks at what it is now.
      return answered({
        type: 'again',
        reason: `legacy's row ${sent.legacyId} was written between the look and the ${sent.operation} (HTTP 412)`,
        mayHaveArrived: false,
      });
    case 'rejected':
      return answered({
        type: 'parked',
        code: 'PORTER_LEGACY_REJECTED',
        message: `Legacy refused the ${sent.operation} of ${sent.entity} ${sent.key} with HTTP ${outcome.status} (${excerpt(outcome.words)}); fix the mapping or the data, then ${replay(sent)}.`,
        refusal: { status: outcome.status, words: outcome.words },
      });
    case 'not-sent':
      // The target's own pace says when; the key must not wait longer than that once legacy is back.
      return failed(outcome, false, outcome.retryAfterMs ?? NOT_SENT_AGAIN_MS);
    case 'unclear':
      return failed(outcome, true, Math.max(FIRST_ASK_MS, outcome.retryAfterMs ?? 0));
  }
}

/** Pure: what follows from a transaction of row and marker. */
export function afterTransaction(sent: Sent, outcome: SqlSent): Attempted {
  const { operation, entity, key } = sent;
  const parked = (code: string, message: string) => answered({ type: 'parked', code, message });
  switch (outcome.type) {
    case 'done':
      return answered({
        type: 'done',
        legacyId: sent.legacyId ?? '',
        hash: outcome.hash,
        ...(outcome.unsent === true ? { unsent: true } : {}),
      });
    case 'bypass':
      return answered(bypass(sent, outcome.reason));
    case 'marker':
      return parked(
        'PORTER_MARKER_UNEXPECTED',
        `Legacy's database and the porter's tell of different pasts: ${outcome.reason}. The ${operation} of ${entity} ${key} is not sent; find out which of the two was put back, make the marker fit legacy's row, then ${replay(sent)}.`,
      );
    case 'rejected':
      return parked(
        'PORTER_LEGACY_REJECTED',
        `Legacy's database refused the ${operation} of ${entity} ${key} with SQLSTATE ${outcome.sqlState} (${excerpt(outcome.words)}); fix the mapping or the data, then ${replay(sent)}.`,
      );
    case 'unreadable':
      return parked(
        'PORTER_LEGACY_UNREADABLE',
        `Legacy's row of ${entity} ${key} cannot be read (${outcome.reason}); mend it, then ${replay(sent)}.`,
      );
    case 'not-sent':
      return failed(outcome, false, NOT_SENT_AGAIN_MS);
    case 'unclear':
      return failed(outcome, true, FIRST_ASK_MS);
  }
}

export interface ProbeLook {
  /** Rows that may be the one that was sent, without those linked to another key. */
  readonly ours: readonly SeenRow<LegacyRow>[];
  /** The row as it was sent. */
  readonly row: LegacyRow;
  /** Of a canonical row. */
  hash(row: LegacyRow): string;
  /** Legacy ids among them that another send under way may have made. */
  readonly contested: ReadonlySet<string>;
  readonly settled: boolean;
  readonly settledInMs: number;
}

/** Pure: what follows from asking legacy whether a create arrived; undefined = it did not and cannot any more: send again. */
export function afterProbe(sent: Sent, look: ProbeLook): Attempted | undefined {
  const { ours, contested, settled, settledInMs } = look;
  const [found, ...others] = ours;
  if (found === undefined) {
    if (settled) return undefined;
    return answered(waitUntilSettled(settledInMs));
  }
  if (ours.some(({ legacyId }) => contested.has(legacyId))) {
    return answered({
      type: 'again',
      reason: `row ${found.legacyId} may be another send's that is under way`,
      mayHaveArrived: false,
    });
  }
  if (others.length > 0) {
    const ids = ours.map(({ legacyId }) => legacyId).join(', ');
    return answered({
      type: 'in-doubt',
      code: 'PORTER_IN_DOUBT',
      message: `The create of ${sent.entity} ${sent.key} got no clear answer, and legacy has several rows that could be it (${ids}); remove the wrong ones in legacy, then ${replay(sent)}.`,
    });
  }
  return answered({ type: 'done', legacyId: found.legacyId, hash: look.hash(asCreated(look.row, found)) });
}

/**
 * The row that our create made: as it was sent, under the id that legacy gave it. What is there now is not what the next change may
 * be sent over: between the lost answer and the probe somebody may have written it, and it would be covered without a word. (Where legacy
 * rounds what it was sent, which the law of the port would have shown, the next change is held as a bypass, for a person to see.)
 */
export function asCreated(sent: LegacyRow, { legacyId, row }: SeenRow<LegacyRow>): LegacyRow {
  const assigned = Object.entries(row).filter(([column, value]) => sent[column] === null && String(value) === legacyId);
  return { ...sent, ...Object.fromEntries(assigned) };
}

export function waitUntilSettled(settledInMs: number): Attempted['verdict'] {
  return {
    type: 'again',
    reason: 'not there yet; the request may still be executed',
    mayHaveArrived: false,
    afterMs: settledInMs,
  };
}

/** Legacy has the row as it shall be. */
export function doneAs({ legacyId, hash, etag }: SeenRow<LegacyRow>): Extract<Attempted['verdict'], { type: 'done' }> {
  return { type: 'done', legacyId, hash, etag };
}

export function gone(sent: Sent): Extract<Attempted['verdict'], { type: 'done' }> {
  return { type: 'done', legacyId: sent.legacyId ?? '', hash: null };
}

export function bypass(sent: Sent, reason: string): Attempted['verdict'] {
  return {
    type: 'parked',
    code: 'PORTER_BYPASS',
    message: `Somebody wrote legacy behind Banyan's back: ${reason}. The ${sent.operation} of ${sent.entity} ${sent.key} is not sent over it; mend legacy's row, then ${replay(sent)}.`,
  };
}

function replay({ entity, key }: Sent): string {
  return `\`banyan parked replay ${entity} ${key}\``;
}
