import { describe, expect, it } from '@jest/globals';
import { readAnswers } from './answers.js';

describe('the answers', () => {
  it.each([
    ['from-table=suppliers', { type: 'table', table: 'suppliers', without: [] }],
    ['from-table=categories without picture', { type: 'table', table: 'categories', without: ['picture'] }],
    ['from-table=employees without photo, notes', { type: 'table', table: 'employees', without: ['photo', 'notes'] }],
    ['name:text(40), phone:text', { type: 'fields', list: 'name:text(40), phone:text' }],
  ])('say where columns come from: %s', (columns, source) => {
    expect(readAnswers(['supplier', 'northwind', 'assigned-by-legacy', columns])).toEqual({
      entity: 'supplier',
      domain: 'northwind',
      identity: 'assigned-by-legacy',
      source,
    });
  });

  it('are four, whatever a shell makes of the last one', () => {
    const words = ['category', 'northwind', 'assigned-by-legacy', 'from-table=categories', 'without', 'picture'];
    expect(readAnswers(words).source).toEqual({ type: 'table', table: 'categories', without: ['picture'] });
  });

  it.each([
    [['supplier', 'northwind', 'assigned-by-legacy'], 'Four answers are needed'],
    [[], 'Four answers are needed'],
    [['supplier', 'northwind', 'mine', 'name:text'], '"mine" is no kind of identity'],
    [['supplier', 'northwind', 'natural-key', 'from-table'], 'names no table'],
    [['supplier', 'northwind', 'natural-key', 'from-table=a; drop table b'], 'names no table'],
  ])('%j are refused', (words, why) => {
    expect(() => readAnswers(words)).toThrow(why);
  });
});
