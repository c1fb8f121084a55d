import { describe, expect, it } from '@jest/globals';
import { checkLawOfRestating } from './law-of-restating.js';
import { type Note, noteDefinition } from './note.example.js';

const states: Note[] = [{ words: 'fig' }, { words: 'banyan' }];
const { restated } = noteDefinition;
if (restated === undefined) throw new Error('the example can be restated');

describe('the law of restating', () => {
  it('holds where evolve takes the state that the event carries', () => {
    expect(() => checkLawOfRestating(noteDefinition, states)).not.toThrow();
  });

  it('is broken where something of what stood before is left', () => {
    const evolve: typeof noteDefinition.evolve = (state, event) =>
      state?.words === 'fig' ? state : noteDefinition.evolve(state, event);
    expect(() => checkLawOfRestating({ ...noteDefinition, evolve }, states)).toThrow(
      'words: got "fig", expected "banyan"',
    );
  });

  it('is broken where the event says less than the state, or says it when there is none', () => {
    const silent = {
      ...restated,
      of: (_: Note | undefined, why: { by: string; reason: string }) => restated.of(undefined, why),
    };
    expect(() => checkLawOfRestating({ ...noteDefinition, restated: silent }, states)).toThrow('got nothing');
    const stubborn = {
      ...restated,
      of: (state: Note | undefined, why: { by: string; reason: string }) => restated.of(state ?? { words: '' }, why),
    };
    expect(() => checkLawOfRestating({ ...noteDefinition, restated: stubborn }, states)).toThrow('expected nothing');
  });

  it('does not hold of nothing', () => {
    const { restated: _, ...without } = noteDefinition;
    expect(() => checkLawOfRestating(without, states)).toThrow('cannot be restated');
    expect(() => checkLawOfRestating(noteDefinition, [])).toThrow('would hold of nothing');
  });
});
