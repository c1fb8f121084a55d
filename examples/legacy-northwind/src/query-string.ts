import { Refused } from './errors.js';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1000;

export type QueryString = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Page {
  readonly offset: number;
  /** null = everything. */
  readonly limit: number | null;
}

/**
 * `?page=&size=`, from page 1. A list without either is its first 50 rows; a search without either is all that it finds.
 * Throws `Refused` 400.
 */
export function pageOf(query: QueryString, searching: boolean): Page {
  if (searching && query.page === undefined && query.size === undefined) return { offset: 0, limit: null };
  const page = numberIn(query, 'page', 1, 1_000_000);
  const size = numberIn(query, 'size', DEFAULT_SIZE, MAX_SIZE);
  return { offset: (page - 1) * size, limit: size };
}

export function textIn(query: QueryString, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Refused(400, `${name} was given more than once.`);
}

function numberIn(query: QueryString, name: string, fallback: number, max: number): number {
  const given = textIn(query, name);
  if (given === undefined) return fallback;
  const value = /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (value < 1 || value > max) throw new Refused(400, `${name} must be a whole number from 1 to ${max}.`);
  return value;
}
