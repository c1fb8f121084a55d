import type { Control } from '@banyan/control';
import { systemClock } from '@banyan/core';
import type { PorterApi } from '@banyan/importing';
import { LiveTable, Preparer, type SavedTable, WriteGates } from '@banyan/legacy-api-proxy/testing';
import { legacyOwner, type V2View } from '@banyan/new-api/testing';
import type { Entry } from './ledger.js';
import type { Legacy } from './legacy.js';
import { note, SETTLE_AFTER_MS } from './note.js';
import type { Process } from './process.js';

/** What became of a write that came to a proxy. `again`: nothing was done, come again. */
export type Entered =
  | { readonly type: 'round-trip' | 'again' | 'unclear' | 'not-there' }
  | { readonly type: 'done'; readonly legacyId: string };

export interface DirectDoor {
  /** Whether it asks whose a row is before it writes. */
  asks(): boolean;
  enter(entry: Entry): Promise<Entered>;
}

export interface DoorWorld {
  readonly legacy: Legacy;
  readonly store: V2View;
  readonly porter: PorterApi;
  readonly control: Control;
  /** Survives the process. */
  readonly disk: { saved: SavedTable | undefined };
}

/** The proxy's half of a direct write: its real table, gates and preparation of moves, in front of the world's legacy. */
export async function openDoor(world: DoorWorld, process: Process): Promise<DirectDoor> {
  const { legacy, store, porter, control, disk } = world;
  const settleAfterMs = (): number => SETTLE_AFTER_MS;
  const table = new LiveTable({
    control,
    file: {
      load: async () => disk.saved,
      save: async (saved) => {
        await process.step('save table');
        disk.saved = saved;
      },
    },
    party: process.name,
    url: () => null,
    onError: () => undefined,
  });
  const gates = new WriteGates({
    view: table,
    holdMaxMs: 2_000,
    heldMax: 100,
    settleAfterMs,
    onIdle: () => preparer.review(),
  });
  const preparer = new Preparer({
    party: process.name,
    entities: [note.name],
    view: table,
    gates,
    clock: systemClock,
    settleAfterMs,
    saveTable: () => table.save(),
    acknowledge: (name) => table.prepared(name),
    onError: () => undefined,
  });
  table.onChange(() => {
    gates.review();
    preparer.review();
  });
  await table.load();
  table.follow();
  return {
    asks: () => table.isLive() && table.entity(note.name).opened,
    enter: (entry) => process.answer(() => enter(entry)),
  };

  async function enter(entry: Entry): Promise<Entered> {
    const entered = await gates.enter(note.name);
    if (entered.way === 'round-trip') return { type: 'round-trip' };
    if (entered.way !== 'direct' && entered.way !== 'asked') return { type: 'again' };
    if (entered.way === 'asked' && entry.note.legacyId !== undefined) {
      const owner = await ownerOf(entry.note.legacyId);
      if (owner !== 'legacy') {
        entered.done('settled');
        return { type: owner === 'new' ? 'round-trip' : 'again' };
      }
    }
    const told = await legacy.transact(process, () => carryOut(entry));
    entered.done(told === 'unclear' ? 'unclear' : 'settled');
    if (told === 'refused') return { type: 'again' };
    if (told === 'unclear') return { type: 'unclear' };
    return told.done === undefined ? { type: 'not-there' } : { type: 'done', legacyId: told.done };
  }

  async function ownerOf(legacyId: string): Promise<'legacy' | 'new' | 'nobody-knows'> {
    try {
      const { owner, held } = await legacyOwner({ store, porter }, note, legacyId);
      if (held) return 'nobody-knows';
      return owner === 'new' ? 'new' : 'legacy';
    } catch {
      return 'nobody-knows';
    }
  }

  /** @returns the id of the row; undefined = there is none */
  function carryOut({ kind, word, note: { legacyId = '' } }: Entry): string | undefined {
    if (kind === 'write') return legacy.insert(word);
    const there = kind === 'remove' ? legacy.remove(legacyId) : legacy.extend(legacyId, word);
    return there ? legacyId : undefined;
  }
}
