import type { LogRecord } from '@banyan/contracts';
import { NO_STATE } from '@banyan/postgres';
import type { MemoryDatabase } from '@banyan/postgres/testing';
import { booksReport, type EffectiveChange } from '@banyan/sink';
import {
  CLOSED,
  type ClosedInMemory,
  createMemorySinkStore,
  PARKED,
  type ParkedInMemory,
  STATES,
  type StateInMemory,
} from '@banyan/sink/testing';
import { TOPIC } from '../world/api.js';
import { type Chain, EFFECTS, GIVEN_UP, SENDS } from '../world/chains.js';
import { note } from '../world/note.js';
import { PORT } from '../world/porter.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';
import { type GivenUp, historiesOf } from './histories.js';

/** A consumer's database, as its judges read it. */
export interface JudgedSink {
  readonly name: 'V2' | 'the porter';
  readonly consumer: string;
  readonly database: MemoryDatabase;
}

export function sinksOf({ v2, porter }: World): readonly JudgedSink[] {
  return [
    { name: 'V2', consumer: note.name, database: v2 },
    { name: 'the porter', consumer: PORT, database: porter },
  ];
}

/**
 * A sink that is at rest has the states that the log has, did its effects once each and in the order of the log, has kept the bytes of
 * what is invalid, and its books balance.
 */
export async function sinkIs(world: World, sink: JudgedSink, folded: FoldedLog): Promise<readonly string[]> {
  return [
    ...statesAre(sink, folded),
    ...chainsAre(world, sink, folded),
    ...parkedIs(sink, folded),
    ...closedIs(world, sink),
    ...(await booksAre(sink, folded)),
  ];
}

export function storedStates({ database }: JudgedSink): ReadonlyMap<string, StateInMemory['state']> {
  return new Map(database.committed<StateInMemory>(STATES).map(([, row]) => [row.key, row.state]));
}

export function storedParked({ database }: JudgedSink): readonly ParkedInMemory[] {
  return database.committed<ParkedInMemory>(PARKED).map(([, row]) => row);
}

/** What stood, and never goes on. */
export function storedClosed({ database }: JudgedSink): readonly ClosedInMemory[] {
  return database.committed<ClosedInMemory>(CLOSED).map(([, row]) => row);
}

export function storedChains({ database }: JudgedSink, table: string): ReadonlyMap<string, string> {
  return new Map(database.committed<Chain>(table).map(([, { key, hash }]) => [key, hash]));
}

/** What a person gave up of a sink. */
export function givenUpOf(sink: JudgedSink): GivenUp {
  const effects = storedClosed(sink).filter(({ kind }) => kind === 'effect');
  return {
    effects: new Set(effects.map(({ eventId }) => eventId ?? '')),
    sends: new Set(sink.database.committed<{ readonly eventId: string }>(GIVEN_UP).map(([, { eventId }]) => eventId)),
  };
}

/** What is closed has its bytes as they lie in the log, and says who ended it and why. */
export function closedIs({ log }: Pick<World, 'log'>, sink: JudgedSink): readonly string[] {
  const records = new Map<string, LogRecord>(
    log.records(TOPIC).map((record) => [`${record.partition}/${record.offset}`, record]),
  );
  return storedClosed(sink).flatMap(({ kind, partition, offset, eventId, headers, value, closedBy, why }) => {
    if (closedBy === '' || why === '') return [`${sink.name} does not say why ${eventId} is closed`];
    if (kind === 'send') return [];
    const record = records.get(`${partition}/${offset}`);
    const bytes = value === null ? null : Buffer.from(value, 'base64');
    if (record !== undefined && bytesOf(record) === bytesOf({ headers: headers ?? {}, value: bytes })) return [];
    return [`${sink.name} has closed ${partition}/${offset} without its bytes`];
  });
}

/** The record as it lies in the log, or in a store. */
export function bytesOf(record: {
  readonly value: Uint8Array | null;
  readonly headers: string | Readonly<Record<string, string>>;
}): string {
  const { value, headers } = record;
  const told = typeof headers === 'string' ? (JSON.parse(headers) as Record<string, string>) : headers;
  return JSON.stringify([value === null ? null : Buffer.from(value).toString('hex'), told]);
}

function statesAre(sink: JudgedSink, { states }: FoldedLog): string[] {
  const stored = storedStates(sink);
  return [...new Set([...states.keys(), ...stored.keys()])].flatMap((key) => {
    const [expected, is] = [states.get(key) ?? NO_STATE, stored.get(key) ?? NO_STATE].map(
      ({ keyState, document, appliedVersion, parked, effectsHeld }) =>
        JSON.stringify({ keyState, document: document ?? null, appliedVersion, parked, effectsHeld }),
    );
    return expected === is ? [] : [`${sink.name} has ${key} as ${is}, the log says ${expected}`];
  });
}

function chainsAre({ code }: World, sink: JudgedSink, { changes }: FoldedLog): string[] {
  const [effects, sends] = [storedChains(sink, EFFECTS), storedChains(sink, SENDS)];
  const givenUp = givenUpOf(sink);
  const isPoison = ({ event }: EffectiveChange): boolean => {
    const poison = code.poisonOfEvent(JSON.stringify(event.data));
    return poison === 'undecodable' || poison === 'evolve';
  };
  const effective = changes.filter((change) => change.outcome === 'effective');
  const byKey = Map.groupBy(effective, ({ key }) => key);
  return [...new Set([...byKey.keys(), ...effects.keys(), ...sends.keys()])].flatMap((key) => {
    const may = historiesOf(byKey.get(key) ?? [], isPoison, givenUp);
    const did = may.filter((one) => one.effects === effects.get(key));
    if (did.length === 0) return [`${sink.name}: the effects of ${key} are not those of the log, once each in order`];
    if (sink.name === 'V2' || did.some((one) => one.sends === sends.get(key))) return [];
    return [`${sink.name}: the sends of ${key} are not those of the log, once each in order`];
  });
}

/** Nothing stands any more but what is invalid, and that is there with its bytes. */
function parkedIs(sink: JudgedSink, { parked }: FoldedLog): string[] {
  const expected = new Map(
    parked.map(({ record }) => [`${record.partition}/${record.offset}`, bytesOf(record)] as const),
  );
  const stored = storedParked(sink).map((row) => [`${row.partition}/${row.record_offset}`, bytesOf(row)] as const);
  const others = stored.filter(([place, bytes]) => expected.get(place) !== bytes);
  const lost = [...expected.keys()].filter((place) => !stored.some(([is]) => is === place));
  return [
    ...others.map(([place]) => `${sink.name} keeps ${place}, which is not so in the log, or not invalid`),
    ...lost.map((place) => `${sink.name} does not keep ${place}, which is invalid`),
  ];
}

async function booksAre(sink: JudgedSink, { tally, changes }: FoldedLog): Promise<string[]> {
  const { name, consumer, database } = sink;
  const store = createMemorySinkStore({ session: database.session(), schema: 'judged', consumer });
  const { problems, total } = booksReport(await store.books());
  const { applied: _, discarded: __, ...outcomes } = tally;
  const others = Object.entries(outcomes).filter(([what, times]) => total[what as keyof typeof outcomes] !== times);
  const effective = new Set(
    changes.filter(({ outcome }) => outcome === 'effective').map(({ partition, offset }) => `${partition}/${offset}`),
  );
  const closed = storedClosed(sink).filter(({ partition, offset }) => effective.has(`${partition}/${offset}`));
  const discarded = closed.length + givenUpOf(sink).sends.size;
  return [
    ...problems.map((what) => `the books of ${name}: ${what}`),
    ...(total.discarded === discarded
      ? []
      : [`the books of ${name} have ${total.discarded} discarded, what is closed says ${discarded}`]),
    ...others.map(
      ([what, times]) => `the books of ${name} have ${total[what as keyof typeof outcomes]} ${what}, the log ${times}`,
    ),
  ];
}
