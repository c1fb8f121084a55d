import { describe, expect, it } from '@jest/globals';
import { type Note, type NoteEvent, noteDefinition, rewordNote, writeNote } from './note.example.js';
import { scenariosOf } from './scenario.js';

const { givenEvents } = scenariosOf(noteDefinition);
const written = (words: string): NoteEvent => ({ type: 'example.note.v1.NoteWritten', data: { words } });
const imported = (words: string): NoteEvent => ({
  type: 'example.note.v1.NoteImported',
  data: { legacyId: '7', words },
});

/** What a definition that breaks a rule does in the kit. */
const broken = (change: Partial<typeof noteDefinition>) => scenariosOf({ ...noteDefinition, ...change });

describe('the given-when-then kit', () => {
  it('passes what a right entity does', () => {
    const { state } = givenEvents().whenCommand(writeNote, { words: 'Hello' }).thenEvent(written('Hello'));
    expect(state).toEqual({ words: 'Hello' });
    givenEvents(written('Hello')).whenCommand(rewordNote, { words: 'Hello' }).thenNothing();
    expect(
      givenEvents(written('a')).whenCommand(writeNote, { words: 'b' }).thenRefused('NOTE_WRITTEN').message,
    ).toContain('a');
    givenEvents().whenCommand(rewordNote, { words: 'a' }).thenRefused('NOTE_NOT_FOUND');
    givenEvents().whenCommand(writeNote, { words: '' }).thenMalformed('words');
    givenEvents(imported('a'), written('b')).thenState({ words: 'b' });
  });

  it('fails when the outcome is another one, and says which', () => {
    const when = givenEvents().whenCommand(writeNote, { words: 'Hello' });
    expect(() => when.thenEvent(written('Bye'))).toThrow('data.words: got "Hello", expected "Bye"');
    expect(() => when.thenNothing()).toThrow('it made');
    expect(() => when.thenRefused('NOTE_WRITTEN')).toThrow('it made');
    expect(() => when.thenMalformed('words')).toThrow('it made');
    expect(() => givenEvents(written('a')).whenCommand(writeNote, { words: 'b' }).thenRefused('OTHER')).toThrow(
      'NOTE_WRITTEN',
    );
  });

  it('folds a history as consumers do: an import does not beat a native change before a hand-back', () => {
    expect(() => givenEvents(written('V2'), imported('legacy'))).toThrow('would be superseded');
    givenEvents(written('V2'), { type: 'handback', epoch: 1 }, imported('legacy')).thenState({ words: 'legacy' });
  });

  it('fails when an event is not one of the entity', () => {
    expect(() => broken({ events: [] }).givenEvents(written('a'))).toThrow('is not an event of note');
  });

  it('fails when evolve is not a function of state and event', () => {
    const words = ['a', 'b', 'c'];
    const evolve = (): Note => ({ words: words.pop() ?? '' });
    expect(() => broken({ evolve }).givenEvents(written('a'))).toThrow('evolve makes another state');
  });

  it('fails when evolve changes what it was given', () => {
    const evolve = (state: Note | undefined) => Object.assign(state ?? { words: '' }, { words: 'x' });
    expect(() => broken({ evolve }).givenEvents(written('a'), written('b'))).toThrow(/read only|not extensible/);
  });

  it('fails when a state is not JSON', () => {
    const evolve = (): Note => ({ words: 'a', at: new Date(0) }) as Note;
    expect(() => broken({ evolve }).givenEvents(written('a'))).toThrow('stored as JSON');
  });

  it.each([
    [() => [{ id: 'other', words: '' }], 'a row of another key'],
    [() => [{ id: 'other' }], 'a row of other columns'],
  ])('fails when a projection makes %s', (rows, problem) => {
    const projections = noteDefinition.projections.map((projection) => ({ ...projection, rows }));
    expect(() => broken({ projections }).givenEvents(written('a'))).toThrow(problem);
  });
});

describe('references in the kit', () => {
  const quoting = {
    ...writeNote,
    refs: () => [{ entity: 'note', ref: { legacyId: '7' }, path: 'other' }],
    decide: (_command: unknown, _state: unknown, context: Parameters<typeof writeNote.decide>[2]) =>
      written((context.resolved('note', { legacyId: '7' }).state as Note).words),
  };

  it('are those the test knows and the command declares', () => {
    const known = [{ entity: 'note', id: 'n', legacyId: '7', state: { words: 'quoted' } }];
    const scenarios = scenariosOf(noteDefinition, { known });
    scenarios.givenEvents().whenCommand(quoting, { words: 'a' }).thenEvent(written('quoted'));
    expect(() => scenarios.givenEvents().whenCommand({ ...quoting, refs: () => [] }, { words: 'a' })).toThrow(
      'do not declare',
    );
    expect(() => givenEvents().whenCommand(quoting, { words: 'a' })).toThrow('knows no note');
  });
});
