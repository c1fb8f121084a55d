import { describe, expect, it } from '@jest/globals';
import { UnmappableRow } from '../legacy-definition.js';
import { primaryPortOf } from '../primary-port.js';
import { checkLawOfThePort, manifestText } from './law-of-the-port.js';
import { noteArchive, noteDefinition } from './note.example.js';

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
  ports: [
    {
      ...primaryPortOf(noteDefinition),
      format: ({ words }, { legacyId }) => ({ NoteID: Number(legacyId), Words: words.trim() }),
    },
  ],
};
const withArchive = (change: Partial<typeof noteArchive> = {}) =>
  withLegacy({ ports: [...noteDefinition.legacy.ports, { ...noteArchive, ...change }] });

describe('checkLawOfThePort', () => {
  it('gives the manifest of an entity whose law holds', () => {
    expect(checkLawOfThePort(noteDefinition, rows)).toEqual({
      entity: 'note',
      rows: 2,
      losses: [],
      further: [],
      unmappable: [],
    });
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

  it('holds a further port to what it writes, since it has no import', () => {
    const manifest = checkLawOfThePort(withArchive(), rows);
    expect(manifest).toMatchObject({ rows: 2, further: ['archive'] });
    expect(manifestText(manifest)).toContain('port archive: every row it makes of them reads back as it is written');
  });

  it('refuses a row of a further port that would come back as another one', () => {
    const canonical: (typeof noteArchive)['target']['canonical'] = (raw) => {
      const row = raw as { Words: string; Length: number };
      return { ...row, Words: row.Words.trim() };
    };
    const forgetful = withArchive({ target: { ...noteArchive.target, canonical } });
    expect(() => checkLawOfThePort(forgetful, rows)).toThrow('note 2, port archive: the row it makes is not canonical');
  });

  it('refuses a further port whose rows depend on more than the state', () => {
    let calls = 0;
    const format: (typeof noteArchive)['format'] = ({ words }) => {
      calls += 1;
      return { Words: words, Length: calls };
    };
    expect(() => checkLawOfThePort(withArchive({ format }), rows)).toThrow('format is not pure');
  });

  it('refuses a reference of a further port that it does not declare', () => {
    const format: (typeof noteArchive)['format'] = ({ words }, { legacyIdOf }) => ({
      Words: legacyIdOf('author', 'x'),
      Length: words.length,
    });
    expect(() => checkLawOfThePort(withArchive({ format }), rows)).toThrow('which refsOf does not declare');
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
