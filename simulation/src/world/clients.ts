import type { Random } from '@banyan/core/testing';
import type { Address } from '@banyan/new-api/testing';
import type { Api, ApiAnswer, ApiRequest, CommandName } from './api.js';
import type { Entered } from './direct-door.js';
import type { Entry, Ledger, NoteRef } from './ledger.js';
import { pause, within } from './waiting.js';

/** After so long a client takes the connection for lost, and asks again with the same key. Milliseconds. */
const PATIENCE_MS = 12_000;
const PAUSE_MS = 400;
const COMMANDS: Readonly<Record<Entry['kind'], CommandName>> = {
  write: 'WriteNote',
  extend: 'ExtendNote',
  rewrite: 'RewriteNote',
  remove: 'RemoveNote',
};

export interface ClientWorld {
  readonly random: Random;
  readonly ledger: Ledger;
  /** Instances that answer now. */
  apis(): readonly Api[];
  /** At the proxy. */
  enter(entry: Entry): Promise<Entered>;
  tell(what: string): void;
}

/** A careful client of the new API: each wish has a key of its own, and is asked for until its fate is known. */
export async function nativeClient(world: ClientWorld, name: string, wishes: number): Promise<void> {
  for (let left = wishes; left > 0; left -= 1) {
    const entry = wish(world, name, (note) => note.id !== undefined || note.legacyId !== undefined);
    await askUntilKnown(world, entry);
    await pause(world.random.around(800));
  }
}

/** A client of legacy, which knows nothing of any move: through the proxy, to legacy directly or to V2. */
export async function legacyClient(world: ClientWorld, name: string, wishes: number): Promise<void> {
  for (let left = wishes; left > 0; left -= 1) {
    const entry = wish(world, name, (note) => note.legacyId !== undefined);
    await throughTheDoor(world, entry);
    await pause(world.random.around(800));
  }
}

function wish({ random, ledger }: ClientWorld, client: string, isKnown: (note: NoteRef) => boolean): Entry {
  const known = ledger.notes.filter(isKnown);
  if (known.length === 0 || random.chance(0.3)) return ledger.begin(client, 'write', ledger.newNote());
  // Often the one that somebody else has just wished something of: where two meet, one can be lost.
  const latest = ledger.entries.findLast(({ note }) => known.includes(note))?.note;
  const note = latest !== undefined && random.chance(0.5) ? latest : random.pick(known);
  const kind = random.chance(0.12) ? 'remove' : random.pick(['extend', 'rewrite'] as const);
  return ledger.begin(client, kind, note);
}

async function askUntilKnown(world: ClientWorld, entry: Entry): Promise<void> {
  const request: ApiRequest = {
    command: COMMANDS[entry.kind],
    address: addressOf(entry),
    word: entry.word,
    idempotencyKey: `key-${entry.word}`,
  };
  let unanswered = 0;
  for (;;) {
    const answer = await ask(world, request);
    if (answer === undefined) unanswered += 1;
    const fate = fateOf(answer);
    world.tell(`${entry.client}: ${entry.kind} ${entry.word} on ${entry.note.name}: ${JSON.stringify(answer)}`);
    if (fate === 'done') {
      if (entry.kind === 'write') entry.note.id = answer?.id;
      world.ledger.done(entry);
      if (entry.kind === 'write') world.ledger.known(entry.note);
      return;
    }
    if (fate === 'refused') {
      // A copy that lies in a frozen process may still be carried out.
      if (unanswered === 0) world.ledger.refused(entry);
      return;
    }
    await pause(world.random.around(PAUSE_MS));
  }
}

function addressOf({ kind, note }: Entry): Address | undefined {
  if (kind === 'write') return undefined;
  return note.id === undefined ? { legacyId: note.legacyId ?? '' } : { id: note.id };
}

/** undefined = no answer. */
async function ask({ random, apis }: ClientWorld, request: ApiRequest): Promise<ApiAnswer | undefined> {
  const live = apis();
  if (live.length === 0) return undefined;
  return within(random.pick(live).call(request), PATIENCE_MS, () => undefined);
}

/** What an answer says of the wish; 'open' = ask again. */
function fateOf(answer: ApiAnswer | undefined): Entry['fate'] {
  if (answer === undefined) return 'open';
  if (answer.status === 200 || answer.status === 201) return 'done';
  const { code, status } = answer;
  if (code === 'ENTITY_HELD_BY_LEGACY' || code === 'API_NOT_FOUND' || status === 404 || status === 422)
    return 'refused';
  return 'open';
}

async function throughTheDoor(world: ClientWorld, entry: Entry): Promise<void> {
  const { ledger } = world;
  for (;;) {
    const way = await world.enter(entry);
    if (way.type === 'round-trip') {
      // The proxy sends it to V2; the client's retries carry the same creation key.
      return askUntilKnown(world, entry);
    }
    if (way.type === 'done') {
      if (entry.kind === 'write') entry.note.legacyId = way.legacyId;
      ledger.done(entry);
      if (entry.kind === 'write') ledger.known(entry.note);
      return;
    }
    // Legacy's client cannot ask again: it might do it twice.
    if (way.type === 'unclear') return;
    if (way.type === 'not-there') return ledger.refused(entry);
    await pause(world.random.around(PAUSE_MS));
  }
}
