import { TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import type { Change, ParkedChange } from '@banyan/sink';
import { OFFSETS, type OffsetInMemory, type ParkedInMemory } from '@banyan/sink/testing';
import { EFFECTS, linked } from '../world/chains.js';
import { NOTES, type World } from '../world/world.js';
import { type FoldedLog, foldLog } from './fold-log.js';
import {
  bytesOf,
  closedIs,
  givenUpOf,
  type JudgedSink,
  sinksOf,
  storedChains,
  storedClosed,
  storedParked,
  storedStates,
} from './sinks.js';

/**
 * Judges both sinks in the midst of everything, before the code is mended: up to its position each has what the log says with the code as it
 * is. Of a key with an event that cannot be read or evolved, that one and all behind it stand, with their bytes; of one whose effect failed,
 * what is done and what stands are together the effects of the log, in order; and no other key is touched.
 */
export async function whatStands(world: World): Promise<readonly string[]> {
  const problems = await Promise.all(sinksOf(world).map((sink) => sinkStands(world, sink)));
  const sends = world.porter.committed<WorkRow>(TABLE.work).filter(([, { state }]) => state === 'parked');
  world.happenings.add('send parked', sends.length);
  return problems.flat();
}

async function sinkStands(world: World, sink: JudgedSink): Promise<readonly string[]> {
  const { code } = world;
  const positions = sink.database.committed<OffsetInMemory>(OFFSETS).map(([, row]) => row);
  const next = (partition: number) => positions.find((row) => row.partition === partition)?.nextOffset ?? 0n;
  const folded = await foldLog(world, { entity: code.entity, codec: code.codecOver(NOTES), next });
  const parked = storedParked(sink);
  count(world, parked);
  return [
    ...statesStand(sink, folded),
    ...eventsStand(sink, folded, parked),
    ...effectsStand(world, sink, folded, parked),
    ...closedIs(world, sink),
  ];
}

function statesStand(sink: JudgedSink, folded: FoldedLog): string[] {
  const states = storedStates(sink);
  return [...new Set([...states.keys(), ...folded.states.keys()])].flatMap((key) => {
    const [is, expected] = [states.get(key) ?? NO_STATE, folded.states.get(key) ?? NO_STATE].map(inWords);
    return is === expected ? [] : [`${sink.name} has ${key} as ${is}, the log up to here says ${expected}`];
  });
}

/** Events whose state stands, or stood until a whole state passed it, and invalid ones. */
function eventsStand(sink: JudgedSink, folded: FoldedLog, parked: readonly ParkedInMemory[]): string[] {
  const expected = new Map<string, string>(
    folded.parked.map(({ kind, record }) => [`${kind} ${record.partition}/${record.offset}`, bytesOf(record)]),
  );
  for (const { kind, record } of folded.closed) {
    expected.set(`closed ${kind} ${record.partition}/${record.offset}`, bytesOf(record));
  }
  const stored = new Map<string, string>([
    ...parked
      .filter(({ kind }) => kind !== 'effect')
      .map((row) => [`${row.kind} ${row.partition}/${row.record_offset}`, bytesOf(row)] as const),
    ...storedClosed(sink)
      .filter(({ kind }) => kind === 'state')
      .map(
        ({ kind, partition, offset, headers, value }) =>
          [
            `closed ${kind} ${partition}/${offset}`,
            bytesOf({ headers: headers ?? {}, value: value === null ? null : Buffer.from(value, 'base64') }),
          ] as const,
      ),
  ]);
  return [...new Set([...expected.keys(), ...stored.keys()])]
    .filter((place) => expected.get(place) !== stored.get(place))
    .map((place) => {
      if (!stored.has(place)) return `${sink.name} has not parked ${place}`;
      return `${sink.name} has parked ${place} otherwise than the log says`;
    });
}

function effectsStand(
  { code }: World,
  sink: JudgedSink,
  folded: FoldedLog,
  parked: readonly ParkedInMemory[],
): string[] {
  const [states, chains] = [storedStates(sink), storedChains(sink, EFFECTS)];
  const held = Map.groupBy(
    parked.filter(({ kind }) => kind === 'effect'),
    ({ key }) => key ?? '',
  );
  const effects = Map.groupBy(
    folded.changes.filter(({ outcome }) => outcome === 'effective'),
    ({ key }) => key,
  );
  const { effects: givenUp } = givenUpOf(sink);
  const cannot = ({ event }: Change) => code.poisonOfEvent(JSON.stringify(event?.data)) === 'effect';
  return [...new Set([...states.keys(), ...held.keys(), ...effects.keys()])].flatMap((key) => {
    const [rows, its] = [held.get(key) ?? [], effects.get(key) ?? []];
    if ((states.get(key)?.effectsHeld === true) !== rows.length > 0)
      return [`${sink.name} holds ${rows.length} effects of ${key}, and says otherwise`];
    if (rows.length > 0 && !its.some(cannot)) return [`${sink.name} holds ${key}, where nothing is wrong`];
    const standing = rows
      .filter(({ change }) => outcomeOf(change) === 'effective')
      .toSorted((a, b) => (a.record_offset < b.record_offset ? -1 : 1));
    const is = standing.reduce((hash, row) => linked(hash, row.event_id ?? ''), chains.get(key));
    const expected = its
      .filter(({ eventId }) => !givenUp.has(eventId))
      .reduce<string | undefined>((hash, { eventId }) => linked(hash, eventId), undefined);
    return is === expected
      ? []
      : [`${sink.name}: what is done and what stands of ${key} are not the log's effects, in order`];
  });
}

function count({ happenings }: World, parked: readonly ParkedInMemory[]): void {
  const because = parked.filter(({ error_code }) => error_code !== null);
  happenings.add('state parked', because.filter(({ kind }) => kind === 'state').length);
  happenings.add('effect parked', because.filter(({ kind }) => kind === 'effect').length);
  happenings.add('event waits behind a parked one', parked.length - because.length);
}

function inWords({ keyState, document, appliedVersion, parked }: StoredState): string {
  return JSON.stringify({ keyState, document: document ?? null, appliedVersion, parked });
}

function outcomeOf(change: string | null): string | undefined {
  return (JSON.parse(change ?? '{}') as Partial<ParkedChange>).outcome;
}
