import { describe, expect, it } from '@jest/globals';
import { type ComparedAnswer, compareAnswers } from './compare-answers.js';

const rules = {
  ignores: [{ name: 'rounded', path: 'Lines[].Discount' }],
  idOfRow: (row: unknown) => {
    const id = (row as { id?: number } | undefined)?.id;
    return id === undefined ? undefined : String(id);
  },
  canonical: (row: unknown) => row,
};

const json = (value: unknown, total?: string): ComparedAnswer => ({
  status: 200,
  contentType: 'application/json; charset=utf-8',
  total,
  body: JSON.stringify(value),
});
const page = (status: number, body: string): ComparedAnswer => ({
  status,
  contentType: 'text/html',
  total: undefined,
  body,
});

const compare = (legacy: ComparedAnswer, v2: ComparedAnswer) => compareAnswers(legacy, v2, rules);
const paths = (legacy: ComparedAnswer, v2: ComparedAnswer) => compare(legacy, v2).differences.map(({ path }) => path);

describe('comparing two answers', () => {
  it.each<[string, ComparedAnswer, ComparedAnswer]>([
    ['the same row with its columns in another order', json({ id: 1, a: null }), json({ a: null, id: 1 })],
    [
      'what differs only where it may',
      json({ id: 1, Lines: [{ Discount: 1 }] }),
      json({ id: 1, Lines: [{ Discount: 2 }] }),
    ],
    [
      'that also within a list',
      json([{ id: 1, Lines: [{ Discount: 1 }] }]),
      json([{ id: 1, Lines: [{ Discount: 2 }] }]),
    ],
    ['two empty lists', json([], '0'), json([], '0')],
    ['the same page for what is not there', page(404, 'no such row'), page(404, 'no such row')],
  ])('finds nothing in %s', (_what, legacy, v2) => {
    expect(compare(legacy, v2)).toEqual({ differences: [], legacyIds: [] });
  });

  it('finds a status and looks no further', () => {
    expect(compare(json({ id: 1 }), page(404, ''))).toEqual({
      differences: [{ path: 'status', legacy: 200, new: 404 }],
      legacyIds: [],
    });
  });

  it('names the row of a list and the column', () => {
    expect(
      compare(
        json([
          { id: 1, a: 1 },
          { id: 2, a: 1 },
        ]),
        json([
          { id: 1, a: 1 },
          { id: 2, a: 3 },
        ]),
      ),
    ).toEqual({
      differences: [{ path: '[2].a', legacy: 1, new: 3 }],
      legacyIds: ['2'],
    });
  });

  it('tells a row that is missing once, not for each place behind it', () => {
    const found = compare(json([{ id: 1 }, { id: 2 }, { id: 3 }]), json([{ id: 2 }, { id: 3 }]));
    expect(found).toEqual({ differences: [{ path: '[1]', legacy: { id: 1 }, new: undefined }], legacyIds: ['1'] });
  });

  it('finds the same rows in another order, another count, other words of an error', () => {
    expect(paths(json([{ id: 1 }, { id: 2 }]), json([{ id: 2 }, { id: 1 }]))).toEqual(['order']);
    expect(paths(json([], '3'), json([], '2'))).toEqual(['X-Total-Count']);
    expect(paths(page(400, 'a'), page(400, 'b'))).toEqual(['body']);
    expect(paths(json([{ x: 1 }]), json([{ x: 2 }]))).toEqual(['[0].x']);
  });

  it('tells null from a column that is not there', () => {
    expect(paths(json({ id: 1, a: null }), json({ id: 1 }))).toEqual(['a']);
  });
});
