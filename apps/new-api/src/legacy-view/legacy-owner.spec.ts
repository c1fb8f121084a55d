import { importedId, type KeyState } from '@banyan/core';
import type { OpenIntent, PorterApi } from '@banyan/importing';
import { entities } from '@banyan/migration';
import type { Link } from '@banyan/postgres';
import { findEntity } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import { legacyOwner } from './legacy-owner.js';

const order = findEntity(entities, 'order');
const customer = findEntity(entities, 'customer');
const BORN = '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e5f';
const NEVER_SEEN: KeyState = { version: 0, liveness: 'absent', owner: 'none', epoch: 0, recent: [] };

interface World {
  readonly links?: readonly Link[];
  readonly intents?: readonly Partial<OpenIntent>[];
  readonly states?: Readonly<Record<string, Partial<KeyState>>>;
  readonly handback?: number;
}

/** What is asked of whom, in order. */
function worldOf({ links = [], intents = [], states = {}, handback = 0 }: World, asked: string[] = []) {
  const porter: PorterApi = {
    links: async (_entity, by) => {
      asked.push('links');
      return links.filter(({ key, legacyId }) =>
        'keys' in by ? by.keys.includes(key) : by.legacyIds.includes(legacyId),
      );
    },
    intents: async (entity) => {
      asked.push('intents');
      return intents.map((intent) => ({
        entity,
        key: BORN,
        eventId: 'e',
        operation: 'create',
        highWaterMark: null,
        state: 'open',
        legacyId: null,
        ...intent,
      }));
    },
  };
  const store = {
    rows: async () => [{ epoch: 3, handback }],
    state: async (_entity: string, key: string) => {
      asked.push('state');
      return { keyState: { ...NEVER_SEEN, ...states[key] } } as never;
    },
  };
  return { porter, store };
}

const live = (owner: KeyState['owner'], epoch: number): Partial<KeyState> => ({
  version: 1,
  liveness: 'live',
  owner,
  epoch,
});
const linked: Link = { entity: 'order', key: BORN, legacyId: '11078' };

describe('whose a legacy row is', () => {
  it('is nobody\u2019s that V2 knows, when nothing names it', async () => {
    expect(await legacyOwner(worldOf({}), order, '10248')).toEqual({
      key: importedId('order', '10248'),
      owner: 'none',
      epoch: 3,
      liveness: 'absent',
      held: false,
    });
  });

  it('is legacy\u2019s when it was imported', async () => {
    const states = { [importedId('order', '10248')]: live('legacy', 1) };
    expect(await legacyOwner(worldOf({ states }), order, '10248')).toMatchObject({ owner: 'legacy', held: false });
  });

  it('is V2\u2019s when it was born there, by the porter\u2019s link', async () => {
    const states = { [BORN]: live('new', 2) };
    expect(await legacyOwner(worldOf({ links: [linked], states }), order, '11078')).toMatchObject({
      key: BORN,
      owner: 'new',
      liveness: 'live',
      held: false,
    });
  });

  it('is legacy\u2019s again after a hand-back that all partitions have, and not before', async () => {
    const states = { [BORN]: live('new', 2) };
    const ownerAt = async (handback: number) =>
      (await legacyOwner(worldOf({ links: [linked], states, handback }), order, '11078')).owner;
    expect([await ownerAt(2), await ownerAt(3)]).toEqual(['new', 'legacy']);
  });

  it('cannot be said while a create that may have made it is open', async () => {
    const above = worldOf({ intents: [{ highWaterMark: '11077' }] });
    expect(await legacyOwner(above, order, '11078')).toMatchObject({ key: null, held: true });
    expect(await legacyOwner(above, order, '11077')).toMatchObject({ owner: 'none', held: false });
    const doubt = worldOf({ intents: [{ highWaterMark: '11077', state: 'in-doubt' }] });
    expect(await legacyOwner(doubt, order, '11078')).toMatchObject({ held: true });
  });

  it('cannot be said while V2 has not seen the key that the porter has sent', async () => {
    expect(await legacyOwner(worldOf({ links: [linked] }), order, '11078')).toMatchObject({ key: BORN, held: true });
    const key = importedId('customer', 'BANYA');
    const sending = worldOf({ intents: [{ key, legacyId: 'BANYA' }] });
    expect(await legacyOwner(sending, customer, 'BANYA')).toMatchObject({ key, held: true });
    const sent = worldOf({ links: [{ entity: 'customer', key, legacyId: 'BANYA' }] });
    expect(await legacyOwner(sent, customer, 'BANYA')).toMatchObject({ key, held: true });
  });

  it('is V2\u2019s for a natural key that is being created, without a wait: the key is the same', async () => {
    const key = importedId('customer', 'BANYA');
    const world = worldOf({ intents: [{ key, legacyId: 'BANYA' }], states: { [key]: live('new', 3) } });
    expect(await legacyOwner(world, customer, 'BANYA')).toMatchObject({ key, owner: 'new', held: false });
  });

  it('asks the journal before the links, and V2 last: the other way round a send could close in between', async () => {
    for (const entity of [order, customer]) {
      const asked: string[] = [];
      await legacyOwner(worldOf({}, asked), entity, '1');
      expect(asked).toEqual(['intents', 'links', 'state']);
    }
  });

  it('is 503 without a porter, and when the porter is away', async () => {
    const { store, porter } = worldOf({});
    await expect(legacyOwner({ store, porter: undefined }, order, '1')).rejects.toMatchObject({ status: 503 });
    const away = { ...porter, intents: () => Promise.reject(Object.assign(new Error('away'), { retryable: true })) };
    await expect(legacyOwner({ store, porter: away }, order, '1')).rejects.toThrow('away');
  });
});
