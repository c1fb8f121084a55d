import fc, { type Arbitrary } from 'fast-check';
import { type EventHeaders, IMPORT_ORIGINS, isImportOrigin, NATIVE_ORIGINS, type Origin } from '../event-headers.js';
import type { Liveness, Marker } from '../key-state.js';
import { EMPTY_PARTITION, foldEntry, keyStateOf, type LogEntry, type PartitionState } from './log.js';

/** Keys whose canary buckets lie at the edges that shares are tried at: 0, 9, 10, 99. */
export const KEYS = [
  '00000000-0000-4000-8000-000000000241',
  '00000000-0000-4000-8000-000000000015',
  '00000000-0000-4000-8000-000000000119',
  '00000000-0000-4000-8000-000000000042',
] as const;

const SHARES = [0, 1, 10, 50, 99, 100] as const;
const HASHES = ['v1:a', 'v1:b'] as const;

const anyOrigin: Arbitrary<Origin> = fc.oneof(fc.constantFrom(...NATIVE_ORIGINS), fc.constantFrom(...IMPORT_ORIGINS));
const anyLiveness: Arbitrary<Liveness> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('live' as const) },
  { weight: 1, arbitrary: fc.constant('deleted' as const) },
);

/** Headers of any shape, also such as no honest writer makes: fields missing, versions and epochs from nowhere. */
export function anyHeaders(): Arbitrary<EventHeaders> {
  const maybe = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined, freq: 10 });
  return fc.record({
    key: fc.constantFrom(...KEYS),
    id: maybe(fc.integer({ min: 0, max: 20 }).map((n) => `any-${n}`)),
    origin: maybe(anyOrigin),
    expectedVersion: maybe(fc.integer({ min: 0, max: 4 })),
    epoch: maybe(fc.integer({ min: 0, max: 4 })),
    liveness: maybe(anyLiveness),
    contentHash: maybe(fc.constantFrom(...HASHES)),
  });
}

/** Markers of epochs 0 to 5: new ones, repeated ones, late ones. */
export function anyMarker(): Arbitrary<Marker> {
  const epoch = fc.integer({ min: 0, max: 5 });
  return fc.oneof(
    fc.record({ type: fc.constant('fence' as const), epoch, share: fc.constantFrom(...SHARES) }),
    fc.record({ type: fc.constant('handback' as const), epoch }),
  );
}

/** A log of anything in any order. */
export function anyLog(maxLength = 40): Arbitrary<readonly LogEntry[]> {
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: anyHeaders().map((headers): LogEntry => ({ type: 'event', headers })) },
      { weight: 1, arbitrary: anyMarker().map((marker): LogEntry => ({ type: 'marker', marker })) },
    ),
    { maxLength },
  );
}

type Move =
  | {
      readonly do: 'decide';
      readonly key: number;
      readonly origin: Origin;
      readonly liveness: Liveness;
      readonly hash: string;
      readonly lag: number;
    }
  | { readonly do: 'repeat'; readonly pick: number }
  | { readonly do: 'fence'; readonly share: number }
  | { readonly do: 'handback' }
  | { readonly do: 'repeat-marker'; readonly pick: number };

/**
 * A log as honest parties write it: each event carries the epoch and version that its writer saw at some earlier place of
 * the log, any event is appended again at any later place, epochs rise by markers which may come twice.
 */
export function honestLog(maxMoves = 80): Arbitrary<readonly LogEntry[]> {
  const lag = fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) },
  );
  const move: Arbitrary<Move> = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('decide' as const),
        key: fc.nat(),
        origin: anyOrigin,
        liveness: anyLiveness,
        hash: fc.constantFrom(...HASHES),
        lag,
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('fence' as const), share: fc.constantFrom(...SHARES) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('handback' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat-marker' as const), pick: fc.nat() }) },
  );
  return fc.array(move, { maxLength: maxMoves, size: 'max' }).chain((moves) =>
    // Few keys make rings overflow, several make authority meet keys of all ages.
    fc.integer({ min: 1, max: KEYS.length }).map((keys) => play(moves, KEYS.slice(-keys))),
  );
}

function play(moves: readonly Move[], keys: readonly string[]): readonly LogEntry[] {
  const log: LogEntry[] = [];
  const seen: PartitionState[] = [EMPTY_PARTITION];
  const append = (entry: LogEntry | undefined): void => {
    if (entry === undefined) return;
    log.push(entry);
    seen.push(foldEntry(seen.at(-1) ?? EMPTY_PARTITION, entry).partition);
  };
  for (const [index, move] of moves.entries()) {
    const now = seen.at(-1) ?? EMPTY_PARTITION;
    const epoch = now.authority.epoch + 1;
    if (move.do === 'fence') append({ type: 'marker', marker: { type: 'fence', epoch, share: move.share } });
    if (move.do === 'handback') append({ type: 'marker', marker: { type: 'handback', epoch } });
    if (move.do === 'repeat') append(pickOf(log, 'event', move.pick));
    if (move.do === 'repeat-marker') append(pickOf(log, 'marker', move.pick));
    if (move.do === 'decide')
      append({
        type: 'event',
        headers: decided(move, keys, `event-${index}`, seen.at(-1 - move.lag) ?? EMPTY_PARTITION),
      });
  }
  return log;
}

function pickOf(log: readonly LogEntry[], type: LogEntry['type'], pick: number): LogEntry | undefined {
  const candidates = log.filter((entry) => entry.type === type);
  return candidates[pick % Math.max(candidates.length, 1)];
}

function decided(
  move: Extract<Move, { do: 'decide' }>,
  keys: readonly string[],
  id: string,
  saw: PartitionState,
): EventHeaders {
  const key = keys[move.key % keys.length] ?? KEYS[0];
  return {
    key,
    id,
    origin: move.origin,
    expectedVersion: keyStateOf(saw, key).version,
    epoch: saw.authority.epoch,
    liveness: move.liveness,
    contentHash: isImportOrigin(move.origin) ? move.hash : undefined,
  };
}
