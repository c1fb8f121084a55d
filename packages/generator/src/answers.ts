import type { IdentityKind } from './field-list.js';
import { refused } from './refused.js';

/** What a developer is asked, in this order. */
export interface Answers {
  readonly entity: string;
  readonly domain: string;
  readonly identity: IdentityKind;
  readonly source: ColumnSource;
}

/** Where the columns come from: a table of legacy's database, or what was typed. */
export type ColumnSource =
  | { readonly type: 'table'; readonly table: string; readonly without: readonly string[] }
  | { readonly type: 'fields'; readonly list: string };

export const USAGE =
  'transformer <entity> <domain> <assigned-by-legacy | natural-key> <from-table=<table> [without <column>, …] | name:type[:nullable], …>';

const FROM_TABLE = /^from-table=(?<table>[A-Za-z_][A-Za-z0-9_]*)(?:\s+without\s+(?<without>.+))?$/;

/** Throws `GENERATOR_REFUSED`. Several words behind the third are one answer: a shell may have taken it apart. */
export function readAnswers(words: readonly string[]): Answers {
  const [entity = '', domain = '', identity = '', ...rest] = words.map((word) => word.trim());
  const columns = rest.join(' ').trim();
  if (columns === '') throw refused([`Four answers are needed: ${USAGE}`]);
  if (identity !== 'assigned-by-legacy' && identity !== 'natural-key') {
    throw refused([
      `"${identity}" is no kind of identity: assigned-by-legacy, or natural-key for an id that people give.`,
    ]);
  }
  return { entity, domain, identity, source: sourceOf(columns) };
}

function sourceOf(columns: string): ColumnSource {
  if (!columns.startsWith('from-table')) return { type: 'fields', list: columns };
  const { table, without } = FROM_TABLE.exec(columns)?.groups ?? {};
  if (table === undefined) {
    throw refused([
      `"${columns}" names no table: from-table=suppliers, or from-table=categories without picture, notes.`,
    ]);
  }
  return { type: 'table', table, without: without?.split(',').map((name) => name.trim()) ?? [] };
}
