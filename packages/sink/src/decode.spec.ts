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

/** Reads `known …` at once, all else later; says "poison" and "away" both ways, and fails as code does at "odd". */
function decoder(asked: string[]): Decoder {
  const read = (text: string): string => {
    if (text.endsWith('poison')) throw new BanyanError('CONTRACTS_UNDECODABLE', 'poison');
    if (text.endsWith('away')) throw new BanyanError('CONTRACTS_REGISTRY_DOWN', 'away', { retryable: true });
    if (text.endsWith('odd')) throw new TypeError('odd');
    return text;
  };
  return {
    decodeKnown: (_, value) => {
      const text = value.toString();
      return text.startsWith('known') ? { data: read(text) } : undefined;
    },
    decode: async (_, value) => {
      asked.push(value.toString());
      return read(value.toString());
    },
  };
}

const types = new Set([NOTED]);
const told = async (payloads: readonly string[], asked: string[] = [], by = decoder(asked)) => {
  const items = await decodeAll(
    by,
    types,
    payloads.map((payload, at) => record(at, payload)),
  );
  return items.map(({ decoded }) => ('event' in decoded ? decoded.event.data : decoded.error.code));
};

describe('the payloads of a slice', () => {
  it('are read at once where that can be, else by who can ask, in their order', async () => {
    const asked: string[] = [];
    expect(await told(['known a', 'b', 'known c', 'd'], asked)).toEqual(['known a', 'b', 'known c', 'd']);
    expect(asked).toEqual(['b', 'd']);
  });

  it('are poison alone, whichever way they are read', async () => {
    const read = await told(['known poison', 'poison', 'known odd', 'odd', 'known a']);
    expect(read).toEqual([
      'CONTRACTS_UNDECODABLE',
      'CONTRACTS_UNDECODABLE',
      'SINK_UNDECODABLE',
      'SINK_UNDECODABLE',
      'known a',
    ]);
  });

  it.each(['known away', 'away'])('wait all together while the registry is: %s', async (away) => {
    await expect(told(['known a', away])).rejects.toMatchObject({ code: 'CONTRACTS_REGISTRY_DOWN' });
  });

  it('are read by a decoder that always has to ask', async () => {
    const asked: string[] = [];
    const { decode } = decoder(asked);
    expect(await told(['known a', 'b'], asked, { decode })).toEqual(['known a', 'b']);
    expect(asked).toEqual(['known a', 'b']);
  });
});
