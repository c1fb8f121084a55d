import { describe, expect, it } from '@jest/globals';
import { UnmappableRow } from '../legacy-definition.js';
import { checkLawOfThePort, manifestText } from './law-of-the-port.js';
import { noteDefinition } from './note.example.js';

type Legacy = typeof noteDefinition.legacy;
const rows = [
  { NoteID: 1, Words: 'Hello' },
  { NoteID: 2, Words: 'again ' },
];
const withLegacy = (change: Partial<Legacy>) => ({
  ...noteDefinition,
  legacy: { ...noteDefinition.legacy, ...change },
});

/** A port that forgets trailing spaces. */
const trimming: Partial<Legacy> = {
  ports: noteDefinition.legacy.ports.map((port) => ({
    ...port,
    format: ({ words }, { legacyId }) => ({ NoteID: Number(legacyId), Words: words.trim() }),
  })),
};

describe('checkLawOfThePort', () => {
  it('gives the manifest of an entity whose law holds', () => {
    expect(checkLawOfThePort(noteDefinition, rows)).toEqual({ entity: 'note', rows: 2, losses: [], unmappable: [] });
  });

  it('names row, path and both values where the law is broken', () => {
    expect(() => checkLawOfThePort(withLegacy(trimming), rows)).toThrow(
      'note 2 breaks the law of the port at Words: legacy has "again ", format wrote "again"',
    );
  });

  it('counts a loss that was declared with its path, and prints it', () => {
    const losses = [{ name: 'trailing-space', reason: 'Nobody meant it.', path: 'Words' }];
    const manifest = checkLawOfThePort(withLegacy({ ...trimming, compare: { ignores: [], losses } }), rows);
    expect(manifest.losses).toEqual([{ name: 'trailing-space', reason: 'Nobody meant it.', rows: 1 }]);
    expect(manifestText(manifest)).toBe(
      'note: the law of the port holds for 2 rows\n  loss trailing-space (in 1 rows): Nobody meant it.',
    );
  });

  it('does not take a loss without a path for an excuse', () => {
    const losses = [{ name: 'trailing-space', reason: 'Nobody meant it.' }];
    expect(() => checkLawOfThePort(withLegacy({ ...trimming, compare: { ignores: [], losses } }), rows)).toThrow(
      'Words',
    );
  });

  it('lists the rows that cannot be carried over', () => {
    const importRow: Legacy['importRow'] = (row, context) => {
      if (row.NoteID === 2) throw new UnmappableRow('Words', row.Words, 'ends with a space');
      return noteDefinition.legacy.importRow(row, context);
    };
    const { rows: held, unmappable } = checkLawOfThePort(withLegacy({ importRow }), rows);
    expect(held).toBe(1);
    expect(unmappable).toEqual([
      { legacyId: '2', error: expect.objectContaining({ column: 'Words', value: 'again ' }) },
    ]);
  });

  it('refuses to have checked nothing', () => {
    expect(() => checkLawOfThePort(noteDefinition, [])).toThrow('the law would hold of nothing');
  });

  it('refuses a reference that refsOfRow does not declare', () => {
    const importRow: Legacy['importRow'] = (row, context) => {
      context.idOf('customer', 'ALFKI');
      return noteDefinition.legacy.importRow(row, context);
    };
    expect(() => checkLawOfThePort(withLegacy({ importRow }), rows)).toThrow('which refsOfRow does not declare');
  });
});
