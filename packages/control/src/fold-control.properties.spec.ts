import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ControlEntry } from './control-event.js';
import {
  type ControlState,
  consumerControl,
  entityControl,
  MAX_SENDS,
  NOTHING_CONTROLLED,
  portMode,
  readMode,
} from './control-state.js';
import { foldControl } from './fold-control.js';
import {
  aborted,
  announced,
  drained,
  entry,
  fenced,
  joined,
  opened,
  PROXY,
  planned,
  prepared,
  readsSet,
  turned,
} from './testing/builders.js';

const RUNS = { numRuns: 600 };

/** The step that follows, so that moves also come to their end; among blind ones alone few would. */
const NEXT = 20;

const PORT = 'consumer:legacy-porter.order.backend';

/** What a writer does: a step, named with an epoch near the present one, on the version seen now or some events ago. */
const anyStep = fc.record({
  kind: fc.oneof({ weight: 2, arbitrary: fc.nat(19) }, { weight: 3, arbitrary: fc.constant(NEXT) }),
  epochAhead: fc.nat(2),
  seenAgo: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) }),
  by: fc.constantFrom('ann', 'bob'),
});

function entryOf(seen: ControlState, { kind, epochAhead, by }: { kind: number; epochAhead: number; by: string }) {
  const { move, lastEpoch, epoch, share } = entityControl(seen, 'order');
  const at = (move?.epoch ?? epoch) + epochAhead;
  const next = lastEpoch + Math.max(1, epochAhead);
  const party = seen.parties[PROXY];
  const steps = [
    opened,
    joined(PROXY, `start-${epochAhead}`),
    planned('forward', next),
    planned('back', next),
    prepared(at, PROXY, party?.incarnation ?? 'none'),
    fenced(at),
    drained(at),
    turned(next),
    announced(at),
    aborted(epochAhead === 0 ? null : next),
    readsSet('new'),
    readsSet('shadow'),
    ['PortSwitchedOff', { subject: 'port:order.backend', primary: true }],
    ['PortSwitchedOn', { subject: 'port:order.backend' }],
    ['EntityGone', { subject: 'entity:order' }],
    ['EntityReturned', { subject: 'entity:order' }],
    ['ConsumerPaused', { subject: PORT }],
    ['ConsumerResumed', { subject: PORT }],
    ['ConcurrencySet', { subject: PORT, sends: epochAhead === 0 ? null : epochAhead * 600 }],
    ['ConsumerPaused', { subject: 'consumer:v2-projector.order' }],
  ] as const;
  const following = () => {
    if (move === undefined) return planned(share === 100 ? 'back' : 'forward', next);
    switch (move.step) {
      case 'planned':
        return party === undefined || move.prepared.includes(PROXY)
          ? fenced(move.epoch)
          : prepared(move.epoch, PROXY, party.incarnation);
      case 'fenced':
        return move.direction === 'back' ? drained(move.epoch) : announced(move.epoch);
      case 'drained':
        return turned(next);
      default:
        return announced(move.epoch);
    }
  };
  const [name, data] = kind === NEXT ? following() : (steps[kind] ?? opened);
  return entry(name, data, { expectedVersion: seen.versions[data.subject] ?? 0, by });
}

/** What its accepted events alone say of a consumer, by the last of each kind. */
function lastOf(log: readonly Folded[], kinds: readonly string[]) {
  return log
    .filter(
      ({ accepted, entry: { event } }) =>
        accepted && event.data.subject === PORT && kinds.some((kind) => event.type.endsWith(kind)),
    )
    .at(-1)?.entry.event;
}

interface Folded {
  readonly entry: ControlEntry;
  readonly before: ControlState;
  readonly after: ControlState;
  readonly accepted: boolean;
}

const anyLog = fc.array(anyStep, { maxLength: 60, size: 'max' }).map((steps) => {
  const states: ControlState[] = [NOTHING_CONTROLLED];
  return steps.map((step): Folded => {
    const before = states.at(-1) ?? NOTHING_CONTROLLED;
    const written = entryOf(states.at(-1 - step.seenAgo) ?? NOTHING_CONTROLLED, step);
    const { state, verdict } = foldControl(before, written);
    states.push(state);
    return { entry: written, before, after: state, accepted: verdict.accepted };
  });
});

/** The epochs that accepted events put into markers, in log order. */
function markerEpochs(log: readonly Folded[]): number[] {
  return log.flatMap(({ entry: { event }, accepted }) => {
    const marks = ['MoveFenced', 'MoveTurned', 'MoveAborted'].some((name) => event.type.endsWith(name));
    return accepted && marks && 'epoch' in event.data && event.data.epoch !== null ? [event.data.epoch] : [];
  });
}

describe('the control log under any writers', () => {
  it('leaves everything as it was where it refuses', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const { accepted, before, after } of log) if (!accepted) expect(after).toBe(before);
      }),
      RUNS,
    );
  });

  it('raises the version of one subject by one with every accepted event but an acknowledgement', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const {
          accepted,
          before,
          after,
          entry: { event },
        } of log) {
          if (!accepted || event.type.endsWith('MovePrepared')) expect(after.versions).toEqual(before.versions);
          else {
            const { subject } = event.data;
            expect(after.versions).toEqual({ ...before.versions, [subject]: (before.versions[subject] ?? 0) + 1 });
          }
        }
      }),
      RUNS,
    );
  });

  it('decides markers of epochs that only rise: no two decisions share one', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const epochs = markerEpochs(log);
        expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
      }),
      RUNS,
    );
  });

  it('announces only what a marker was decided for, and epochs in force only rise', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        log.forEach(({ entry: { event }, accepted, before, after }, index) => {
          const [was, is] = [entityControl(before, 'order').epoch, entityControl(after, 'order').epoch];
          expect(is).toBeGreaterThanOrEqual(was);
          if (!accepted || !event.type.endsWith('MoveAnnounced')) expect(is).toBe(was);
          else expect(markerEpochs(log.slice(0, index))).toContain(is);
        });
      }),
      RUNS,
    );
  });

  it('fences forward only behind every registered proxy', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const {
          entry: { event },
          accepted,
          before,
        } of log) {
          const { move } = entityControl(before, 'order');
          if (!accepted || !event.type.endsWith('MoveFenced') || move?.direction !== 'forward') continue;
          expect(Object.keys(before.parties).every((name) => move.prepared.includes(name))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('never has V2 answer reads while legacy takes writes, nor legacy while its port is off', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const { after } of log) {
          const { writeMode } = entityControl(after, 'order');
          if (readMode(after, 'order.one') === 'new') expect(writeMode).not.toBe('legacy');
          if (portMode(after, 'order.backend') === 'off') expect(writeMode).not.toBe('legacy');
        }
      }),
      RUNS,
    );
  });

  it('pauses a consumer by the last accepted word about it, and names who said so', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        log.forEach(({ after }, index) => {
          const last = lastOf(log.slice(0, index + 1), ['ConsumerPaused', 'ConsumerResumed']);
          const { paused } = consumerControl(after, 'legacy-porter.order.backend');
          expect(paused?.by).toBe(last?.type.endsWith('ConsumerPaused') ? last.data.by : undefined);
        });
      }),
      RUNS,
    );
  });

  it('gives a port the number of sends that was accepted last, within the bound, whatever else is said of it', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        log.forEach(({ after }, index) => {
          const last = lastOf(log.slice(0, index + 1), ['ConcurrencySet']);
          const { sends } = consumerControl(after, 'legacy-porter.order.backend');
          expect(sends).toBe(last !== undefined && 'sends' in last.data ? (last.data.sends ?? undefined) : undefined);
          expect(sends ?? 1).toBeLessThanOrEqual(MAX_SENDS);
        });
      }),
      RUNS,
    );
  });

  it('reaches the same state wherever a reader begins to listen: it is a fold', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const again = log.reduce((state, one) => foldControl(state, one.entry).state, NOTHING_CONTROLLED);
        expect(again).toEqual(log.at(-1)?.after ?? NOTHING_CONTROLLED);
      }),
      RUNS,
    );
  });

  it('visits every kind of position, so that the rules above were put to the test', () => {
    const seen = new Set<string>();
    for (const log of fc.sample(anyLog, { numRuns: 3_000, seed: 7 })) {
      for (const { after } of log) {
        const { move, writeMode } = entityControl(after, 'order');
        seen.add(move === undefined ? writeMode : `${move.direction}:${move.step}`);
        const { paused, sends } = consumerControl(after, 'legacy-porter.order.backend');
        if (paused !== undefined) seen.add(sends === undefined ? 'paused' : 'paused, with a number');
      }
    }
    expect([...seen].sort()).toEqual(
      [
        'back:planned',
        'back:fenced',
        'forward:fenced',
        'forward:planned',
        'legacy',
        'new',
        'gone',
        'back:drained',
        'back:turned',
        'back:aborted',
        'paused',
        'paused, with a number',
      ].sort(),
    );
  });
});
