import { TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { NO_STATE } from '@banyan/postgres';
import type { ParkedChange } from '@banyan/sink';
import { OFFSETS, type OffsetInMemory } from '@banyan/sink/testing';
import { EFFECTS, linked } from '../world/chains.js';
import { NOTES, type World } from '../world/world.js';
import { foldLog } from './fold-log.js';
import { bytesOf, type JudgedSink, sinksOf, storedChains, storedParked, storedStates } from './sinks.js';

/**
 * Judges both sinks in the midst of everything, before the code is mended: up to its position each has what the log says with the code as it
 * is. Of a key with an event that cannot be read or evolved, that one and all behind it stand, with their bytes; of one whose effect failed,
 * what is done and what stands are together the effects of the log, in order; and no other key is touched.
 */
export async function whatStands(world: World): Promise<readonly string[]> {
  const problems = (await Promise.all(sinksOf(world).map((sink) => sinkStands(world, sink)))).flat();
  const sends = world.porter.committed<WorkRow>(TABLE.work).filter(([, { state }]) => state === 'parked');
  world.happenings.add('send parked', sends.length);
  return problems;
}

async function sinkStands(world: World, sink: JudgedSink): Promise<readonly string[]> {
  const { code, happenings } = world;
  const positions = sink.database.committed<OffsetInMemory>(OFFSETS).map(([, row]) => row);
  const next = (partition: number) => positions.find((row) => row.partition === partition)?.nextOffset ?? 0n;
  const folded = await foldLog(world, { entity: code.entity, codec: code.codecOver(NOTES), next });
  const [states, parked, chains] = [storedStates(sink), storedParked(sink), storedChains(sink, EFFECTS)];
  const problems: string[] = [];

  const stateParked = new Map<string, string>(
    folded.parked.map(({ kind, record }) => [`${kind} ${record.partition}/${record.offset}`, bytesOf(record)] as const),
  );
  const stored = parked.filter(({ kind }) => kind !== 'effect');
  for (const row of stored) {
    const place = `${row.kind} ${row.partition}/${row.record_offset}`;
    if (stateParked.get(place) !== bytesOf(row))
      problems.push(`${sink.name} has parked ${place} otherwise than the log`);
    stateParked.delete(place);
  }
  for (const place of stateParked.keys()) problems.push(`${sink.name} has not parked ${place}`);

  const held = Map.groupBy(
    parked.filter(({ kind }) => kind === 'effect'),
    ({ key }) => key ?? '',
  );
  const effects = Map.groupBy(
    folded.changes.filter(({ outcome }) => outcome === 'effective'),
    ({ key }) => key,
  );
  for (const key of new Set([...states.keys(), ...folded.states.keys()])) {
    const [is, expected] = [states.get(key) ?? NO_STATE, folded.states.get(key) ?? NO_STATE].map(
      ({ keyState, document, appliedVersion, parked: stands }) =>
        JSON.stringify({ keyState, document: document ?? null, appliedVersion, stands }),
    );
    if (is !== expected) problems.push(`${sink.name} has ${key} as ${is}, the log up to here says ${expected}`);
    const rows = held.get(key) ?? [];
    if ((states.get(key)?.effectsHeld === true) !== rows.length > 0)
      problems.push(`${sink.name} holds ${rows.length} effects of ${key}, and says otherwise`);
    const [first] = rows;
    const poisoned = effects
      .get(key)
      ?.some(({ event }) => code.poisonOfEvent(JSON.stringify(event?.data)) === 'effect');
    if (first !== undefined && poisoned !== true) problems.push(`${sink.name} holds ${key}, where nothing is wrong`);
    const standing = inOrder(rows).filter(({ change }) => outcomeOf(change) === 'effective');
    const chain = standing.reduce((hash, row) => linked(hash, row.event_id ?? ''), chains.get(key));
    const log = effects.get(key)?.reduce<string | undefined>((hash, { eventId }) => linked(hash, eventId), undefined);
    if (chain !== log) problems.push(`${sink.name}: what is done and what stands of ${key} are not the log's effects`);
  }

  const because = parked.filter(({ error_code }) => error_code !== null);
  happenings.add('state parked', because.filter(({ kind }) => kind === 'state').length);
  happenings.add('effect parked', because.filter(({ kind }) => kind === 'effect').length);
  happenings.add('event waits behind a parked one', parked.length - because.length);
  return problems;
}

function inOrder<R extends { readonly record_offset: bigint }>(rows: readonly R[]): readonly R[] {
  return rows.toSorted((a, b) => (a.record_offset < b.record_offset ? -1 : 1));
}

function outcomeOf(change: string | null): string | undefined {
  return (JSON.parse(change ?? '{}') as Partial<ParkedChange>).outcome;
}
