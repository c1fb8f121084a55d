import { FIRST_AUTHORITY } from '@banyan/core';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import { decodeAll } from '@banyan/sink';
import { foldSlice, STATES, type StateInMemory } from '@banyan/sink/testing';
import { PARTITIONS, TOPIC } from './api.js';
import { type Note, note } from './note.js';
import { linksIn } from './porter.js';
import { linked, type V2Row } from './v2.js';
import type { World } from './world.js';

/** What is wrong with a world that has come to rest; nothing = every promise was kept. */
export async function judge(world: World): Promise<readonly string[]> {
  const { states, chains } = await foldedLog(world);
  return [...sinkIs(world, states, chains), ...legacyIs(world, states), ...wordsAre(world, states)];
}

interface Folded {
  readonly states: ReadonlyMap<string, StoredState>;
  readonly chains: ReadonlyMap<string, string>;
}

/** Each partition folded at one go from its beginning. */
async function foldedLog(world: World): Promise<Folded> {
  const types = new Set(note.events.map(({ name }) => name));
  const states = new Map<string, StoredState>();
  const chains = new Map<string, string>();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const records = world.log.records(TOPIC).filter((record) => record.partition === partition);
    const decoder = { decode: async (_type: unknown, value: Buffer) => JSON.parse(Buffer.from(value).toString()) };
    const items = await decodeAll(decoder as never, types, records);
    const folded = foldSlice({
      entity: note,
      authority: FIRST_AUTHORITY,
      states: new Map(),
      knownInvalid: new Set(),
      items,
    });
    for (const [key, state] of folded.states) states.set(key, state);
    for (const change of folded.changes) {
      if (change.outcome === 'effective') chains.set(change.key, linked(chains.get(change.key), change.eventId));
    }
  }
  return { states, chains };
}

/** A sink has the states that the log has, and did its effects once each, in the order of the log. */
function sinkIs(world: World, states: Folded['states'], chains: Folded['chains']): string[] {
  const problems: string[] = [];
  const stored = new Map(world.v2.committed<StateInMemory>(STATES).map(([, row]) => [row.key, row.state]));
  const rows = new Map(world.v2.committed<V2Row>('note'));
  for (const key of new Set([...states.keys(), ...stored.keys()])) {
    const expected = states.get(key) ?? NO_STATE;
    const is = stored.get(key) ?? NO_STATE;
    if (JSON.stringify(expected.keyState) !== JSON.stringify(is.keyState)) {
      problems.push(
        `V2 has ${key} as ${JSON.stringify(is.keyState)}, the log says ${JSON.stringify(expected.keyState)}`,
      );
    }
    const row = rows.get(key);
    const text = (expected.document as Note | undefined)?.text;
    if (row?.text !== text) problems.push(`V2's row of ${key} says "${row?.text}", the log says "${text}"`);
    if (row?.chain !== chains.get(key))
      problems.push(`the effects of ${key} are not those of the log, once each in order`);
  }
  return problems;
}

/** Legacy has what V2 has: one row for each note that lives, saying the same, and none besides. */
function legacyIs(world: World, states: Folded['states']): string[] {
  const problems: string[] = [];
  const linkedTo = new Map(
    linksIn({ all: (table) => world.porter.committed(table) }).map((link) => [link.key, link.legacyId]),
  );
  const rows = new Map(world.legacy.rows().map((row) => [String(row.NoteID), row]));
  for (const [key, { document }] of states) {
    if (document === undefined) continue;
    const { text, stamp } = document as Note;
    const legacyId = linkedTo.get(key);
    const row = legacyId === undefined ? undefined : rows.get(legacyId);
    if (row?.Text !== text || row?.Stamp !== stamp) {
      problems.push(
        `legacy's row ${legacyId} of ${key} says "${row?.Text}" (${row?.Stamp}), V2 says "${text}" (${stamp})`,
      );
    }
    if (legacyId !== undefined) rows.delete(legacyId);
  }
  for (const { NoteID, Text } of rows.values()) problems.push(`legacy's row ${NoteID} "${Text}" is no note of V2`);
  return problems;
}

/** What clients were told is so: acknowledged words are there once, in each client's order, refused ones are not. */
function wordsAre(world: World, states: Folded['states']): string[] {
  const problems: string[] = [];
  const texts = [...states.values()].flatMap(
    ({ document }) => ((document as Note | undefined)?.text ?? []) as string | [],
  );
  const found = new Map<string, number>();
  for (const text of texts) for (const word of text.split(' ')) found.set(word, (found.get(word) ?? 0) + 1);
  const removed = new Set(
    world.ledger.entries.filter(({ kind, fate }) => kind === 'remove' && fate !== 'refused').map((entry) => entry.note),
  );
  for (const { word, kind, fate, note: its, client } of world.ledger.entries) {
    const times = found.get(word) ?? 0;
    const most = kind === 'remove' || fate === 'refused' ? 0 : 1;
    const least = fate === 'done' && kind !== 'remove' && !removed.has(its) ? 1 : 0;
    if (times < least || times > most) {
      problems.push(`${kind} ${word} of ${client} on ${its.name} (${fate}) is in V2 ${times} times`);
    }
  }
  return problems;
}
