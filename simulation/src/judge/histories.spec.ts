import type { EffectiveChange } from '@banyan/sink';
import { describe, expect, it } from '@jest/globals';
import { linked } from '../world/chains.js';
import { note } from '../world/note.js';
import { historiesOf } from './histories.js';

/** `a`: a native. `A`: an import. `!`: its state stands until the code is mended. `*`: a restatement. */
const changesOf = (...names: string[]) =>
  names.map((name, at) => ({
    eventId: name.replace(/[!*]/, ''),
    offset: BigInt(at),
    origin: name[0] === name[0]?.toUpperCase() ? 'backfill' : 'api',
    eventType: name.includes('*') ? note.restated?.type.name : 'x',
    afterLive: true,
    event: { type: 'x', data: name.includes('!') },
  })) as unknown as EffectiveChange[];
const chain = (ids: string) => [...ids].reduce<string | undefined>((hash, id) => linked(hash, id), undefined);
const may = (...names: string[]) => historiesOf(changesOf(...names), ({ event }) => event.data === true);
const effects = (...names: string[]) => new Set(may(...names).map((done) => done.effects));

describe('what a sink may have done of a key', () => {
  it('is what the log says, where nothing is poison', () => {
    expect(may('a', 'B', 'c')).toEqual([expect.objectContaining({ effects: chain('aBc'), sends: chain('ac') })]);
    expect(may()).toEqual([expect.objectContaining({ effects: undefined, sends: undefined })]);
  });

  it('is the same for natives that waited: they are replayed in order', () => {
    expect(effects('a!', 'b', 'c')).toEqual(new Set([chain('abc')]));
  });

  it('may lack what an import passed, and nothing else', () => {
    expect(effects('a', 'b!', 'c', 'D', 'e')).toEqual(new Set(['abcDe', 'aDe'].map(chain)));
    expect(effects('a', 'B', 'c')).toEqual(new Set([chain('aBc')]));
  });

  it('has no second standing behind the first replay: then the code is mended', () => {
    // c waits for the mending, too: either D passes both, or all four are done.
    expect(effects('a!', 'c!', 'D')).toEqual(new Set(['acD', 'D'].map(chain)));
    // An import that is poison itself passes a standing key only when it can be read.
    expect(effects('a!', 'B!', 'C')).toEqual(new Set(['aBC', 'BC', 'C'].map(chain)));
  });

  it('may lack what a restatement passed, which is sent itself', () => {
    const done = may('a', 'b!', 'c', 'd*', 'e');
    expect(new Set(done.map((one) => one.effects))).toEqual(new Set(['abcde', 'ade'].map(chain)));
    expect(new Set(done.map((one) => one.sends))).toEqual(new Set(['abcde', 'ade'].map(chain)));
  });

  it('lacks what a person gave up: an effect with its send, or the send alone', () => {
    const givenUp = { effects: new Set(['b']), sends: new Set(['c']) };
    const done = historiesOf(changesOf('a', 'b', 'c', 'd'), () => false, givenUp);
    expect(done).toEqual([expect.objectContaining({ effects: chain('acd'), sends: chain('ad') })]);
  });
});
