import { BanyanError } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { type Decoder, decodeAll } from './decode.js';
import { NOTED, recordOf } from './testing/notes.js';

const record = (offset: number, payload: string) => {
  const headers = { id: `e${offset}`, origin: 'api', expectedVersion: 0, epoch: 0, liveness: 'live' } as const;
  const key = '00000000-0000-4000-8000-00000000000a';
  const entry = { type: 'event', headers: { key, ...headers, contentHash: undefined } } as const;
  return recordOf(entry, { offset: BigInt(offset) }, payload);
};

/** Says "poison" and "away" as the codec does, and fails as code does at "odd". */
const decoder: Decoder = {
  decode: async (_, value) => {
    const text = value.toString();
    if (text === 'poison') throw new BanyanError('CONTRACTS_UNDECODABLE', 'poison');
    if (text === 'away') throw new BanyanError('CONTRACTS_REGISTRY_DOWN', 'away', { retryable: true });
    if (text === 'odd') throw new TypeError('odd');
    return text;
  },
};

const told = async (payloads: readonly string[]) => {
  const records = payloads.map((payload, at) => record(at, payload));
  const items = await decodeAll(decoder, new Set([NOTED]), records);
  return items.map(({ decoded }) => ('event' in decoded ? decoded.event.data : decoded.error.code));
};

describe('the payloads of a slice', () => {
  it('are poison alone, whatever made them so', async () => {
    expect(await told(['a', 'poison', 'odd', 'b'])).toEqual(['a', 'CONTRACTS_UNDECODABLE', 'SINK_UNDECODABLE', 'b']);
  });

  it('wait all together while the registry is away', async () => {
    await expect(told(['a', 'away'])).rejects.toMatchObject({ code: 'CONTRACTS_REGISTRY_DOWN' });
  });
});
