import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucket } from './bucket.js';
import { isImportOrigin } from './event-headers.js';
import { RECENT_LIMIT } from './fold.js';
import type { Outcome } from './key-state.js';
import {
  anyLog,
  EMPTY_PARTITION,
  foldEntry,
  foldLog,
  honestLog,
  keyStateOf,
  type LogEntry,
  type PartitionState,
  type Step,
} from './testing/index.js';

const RUNS = { numRuns: 1_500 };

type EventStep = Step & { readonly entry: Extract<LogEntry, { type: 'event' }>; readonly outcome: Outcome };

function eventSteps(log: readonly LogEntry[]): readonly EventStep[] {
  return foldLog(log).filter((step): step is EventStep => step.entry.type === 'event');
}

const outcomes = (log: readonly LogEntry[]): readonly (Outcome | undefined)[] =>
  foldLog(log).map((step) => step.outcome);

const before = (step: EventStep) => keyStateOf(step.before, step.entry.headers.key);
const after = (step: EventStep) => keyStateOf(step.after, step.entry.headers.key);
const isNative = (step: EventStep): boolean => !isImport(step);
const isImport = (step: EventStep): boolean => isImportOrigin(step.entry.headers.origin ?? '');

/** A consumer that reads in slices, dies in the middle of some, and starts again from what it stored. */
function foldInSlices(
  log: readonly LogEntry[],
  cuts: readonly { size: number; dies: boolean }[],
): readonly (Outcome | undefined)[] {
  const stored: { offset: number; partition: string } = { offset: 0, partition: JSON.stringify(EMPTY_PARTITION) };
  const told: (Outcome | undefined)[] = [];
  for (let turn = 0; stored.offset < log.length; turn += 1) {
    const { size, dies } = cuts[turn] ?? { size: 3, dies: false };
    let partition = JSON.parse(stored.partition) as PartitionState;
    const slice = log.slice(stored.offset, stored.offset + size).map((entry) => {
      const folded = foldEntry(partition, entry);
      partition = folded.partition;
      return folded.outcome;
    });
    if (dies) continue;
    told.push(...slice);
    stored.offset += slice.length;
    stored.partition = JSON.stringify(partition);
  }
  return told;
}

describe('the fold over any interleaving and repetition', () => {
  const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 7 }), dies: fc.boolean() }), { maxLength: 20 });

  it('gives two consumers the same outcomes, however they slice the log and wherever they start again', () => {
    fc.assert(
      fc.property(fc.oneof(honestLog(), anyLog()), cuts, cuts, (log, mine, yours) => {
        const expected = outcomes(log);
        expect(foldInSlices(log, mine)).toEqual(expected);
        expect(foldInSlices(log, yours)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a key the same outcomes whatever happens to other keys', () => {
    fc.assert(
      fc.property(honestLog(), (log) => {
        for (const key of new Set(eventSteps(log).map((step) => step.entry.headers.key))) {
          const alone = log.filter((entry) => entry.type === 'marker' || entry.headers.key === key);
          const here = foldLog(log).filter(({ entry }) => entry.type === 'marker' || entry.headers.key === key);
          expect(outcomes(alone)).toEqual(here.map((step) => step.outcome));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never changes what it was given', () => {
    fc.assert(
      fc.property(anyLog(), (log) => {
        const text = JSON.stringify(log);
        for (const step of eventSteps(log)) {
          const kept = JSON.stringify(step.before);
          foldEntry(step.before, step.entry);
          expect(JSON.stringify(step.before)).toBe(kept);
        }
        expect(JSON.stringify(log)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

describe('one id, one outcome', () => {
  it('takes effect at most once', () => {
    fc.assert(
      fc.property(fc.oneof(honestLog(), anyLog()), (log) => {
        const effective = eventSteps(log).filter((step) => step.outcome === 'effective');
        // Within `anyLog` one id may stand on two keys, which no honest writer does: each key counts for itself.
        const ids = effective.map((step) => `${step.entry.headers.key} ${step.entry.headers.id}`);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      RUNS,
    );
  });

  it('keeps its first outcome: a later copy of the same bytes never takes effect and moves nothing', () => {
    fc.assert(
      fc.property(honestLog(), (log) => {
        const first = new Map<string, Outcome>();
        for (const step of eventSteps(log)) {
          const id = String(step.entry.headers.id);
          const known = first.get(id);
          if (known === undefined) {
            first.set(id, step.outcome);
          } else {
            expect(after(step)).toEqual(before(step));
            expect(['duplicate', 'stale', 'conflict', known]).toContain(step.outcome);
            expect(step.outcome).not.toBe('effective');
          }
        }
      }),
      RUNS,
    );
  });

  it('never calls an honest event invalid, so that nothing an honest writer appends is lost without an answer', () => {
    fc.assert(
      fc.property(honestLog(), (log) => {
        expect(eventSteps(log).filter((step) => step.outcome === 'invalid')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what takes effect', () => {
  it('is never of a stale epoch, nor of one not reached, nor decided on another version', () => {
    fc.assert(
      fc.property(fc.oneof(honestLog(), anyLog()), (log) => {
        let reached = 0;
        for (const step of foldLog(log)) {
          if (step.entry.type === 'marker') {
            reached = Math.max(reached, step.entry.marker.epoch);
          } else {
            const event = step as EventStep;
            if (after(event).version !== before(event).version) {
              expect(event.entry.headers.epoch).toBe(reached);
              expect(event.entry.headers.expectedVersion).toBe(before(event).version);
            }
          }
        }
      }),
      RUNS,
    );
  });

  it('raises the version by one, and nothing else touches a key', () => {
    fc.assert(
      fc.property(anyLog(), (log) => {
        for (const step of eventSteps(log)) {
          const moved =
            step.outcome === 'effective' || (step.outcome === 'unchanged' && before(step).epoch < after(step).epoch);
          if (moved) {
            expect(after(step).version).toBe(before(step).version + 1);
            expect(after(step).recent.at(-1)).toEqual({ eventId: step.entry.headers.id, version: after(step).version });
          } else {
            expect(after(step)).toEqual(before(step));
          }
        }
      }),
      RUNS,
    );
  });

  it('leaves the liveness and, for an import, the hash that the event says', () => {
    fc.assert(
      fc.property(anyLog(), (log) => {
        for (const step of eventSteps(log).filter((event) => event.outcome === 'effective')) {
          expect(after(step).liveness).toBe(step.entry.headers.liveness);
          expect(after(step).hash).toBe(isImport(step) ? step.entry.headers.contentHash : undefined);
          expect(after(step).owner).toBe(isImport(step) ? 'legacy' : 'new');
        }
      }),
      RUNS,
    );
  });
});

describe('imports and natives', () => {
  it('lets no import beat a native of its epoch, nor of an earlier one unless a hand-back lies between', () => {
    fc.assert(
      fc.property(fc.oneof(honestLog(), anyLog()), (log) => {
        // From the log alone, without asking who owns what: the last native effect of each key, and the hand-backs since.
        const nativeSince = new Set<string>();
        for (const step of foldLog(log)) {
          if (step.entry.type === 'marker') {
            const took = step.after.authority.epoch !== step.before.authority.epoch;
            if (took && step.entry.marker.type === 'handback') nativeSince.clear();
          } else if (step.outcome === 'effective') {
            const { key } = step.entry.headers;
            expect(isImport(step as EventStep) && nativeSince.has(key)).toBe(false);
            if (isNative(step as EventStep)) nativeSince.add(key);
          }
        }
      }),
      RUNS,
    );
  });

  it('lets no native change what legacy holds: only below the share, and on a copy of this epoch', () => {
    fc.assert(
      fc.property(fc.oneof(honestLog(), anyLog()), (log) => {
        // The last import of each key that was taken over, and the natives after it; again from the log alone.
        const held = new Map<string, number>();
        for (const step of foldLog(log)) {
          if (step.entry.type === 'marker') {
            const took = step.after.authority.epoch !== step.before.authority.epoch;
            if (!took || step.entry.marker.type !== 'handback') continue;
            for (const [key, state] of Object.entries(step.before.keys))
              if (!held.has(key) && state.version > 0) held.set(key, -1);
          } else {
            const event = step as EventStep;
            const { key } = event.entry.headers;
            const moved = after(event).version > before(event).version;
            if (moved && isImport(event)) held.set(key, event.before.authority.epoch);
            if (!moved || isImport(event)) continue;
            const importEpoch = held.get(key);
            if (importEpoch !== undefined) {
              expect(bucket(key)).toBeLessThan(event.before.authority.share);
              expect(importEpoch).toBe(event.before.authority.epoch);
            }
            held.delete(key);
          }
        }
      }),
      RUNS,
    );
  });

  it('lets an import read in this epoch on the present version always be taken, unless V2 owns the key', () => {
    fc.assert(
      fc.property(honestLog(), (log) => {
        for (const step of eventSteps(log).filter(isImport)) {
          const { expectedVersion, epoch, id } = step.entry.headers;
          const current = expectedVersion === before(step).version && epoch === step.before.authority.epoch;
          const known = before(step).recent.some((entry) => entry.eventId === id);
          if (current && !known) expect(['effective', 'unchanged', 'superseded']).toContain(step.outcome);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the logs that these properties are tried on', () => {
  it('reach every outcome, hand-backs that give keys back, and rings that overflow', () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const log of fc.sample(honestLog(), { numRuns: 400, seed: 7 })) {
      for (const step of eventSteps(log)) {
        count(step.outcome);
        if (isNative(step) && step.outcome === 'effective' && before(step).owner === 'legacy') count('taken over');
        if (isImport(step) && step.outcome === 'effective' && before(step).owner === 'new') count('given back');
        if (step.outcome === 'unchanged' && after(step).version > before(step).version) count('looked at again');
        if (after(step).version > RECENT_LIMIT) count('ring overflows');
        if (step.outcome === 'stale' && step.entry.headers.epoch === step.before.authority.epoch)
          count('held by legacy');
      }
    }
    for (const what of [
      'duplicate',
      'stale',
      'conflict',
      'superseded',
      'unchanged',
      'effective',
      'taken over',
      'given back',
      'looked at again',
      'ring overflows',
      'held by legacy',
    ]) {
      expect({ what, enough: (seen.get(what) ?? 0) > 10 }).toEqual({ what, enough: true });
    }
  });
});
