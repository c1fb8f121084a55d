import type { LegacyRequest } from '@banyan/transformer';
import { refused } from './answers.js';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1000;

export interface Page {
  readonly page: number;
  readonly size: number;
}

/**
 * `?page=&size=`, from page 1. A list without either is its first 50 rows; a search without either is all that it finds: undefined.
 * Throws `LegacyRefused`.
 */
export function pageOf(query: LegacyRequest['query'], searching: boolean): Page | undefined {
  if (searching && query.page === undefined && query.size === undefined) return undefined;
  const page = numberIn(query, 'page', 1, 1_000_000);
  return { page, size: numberIn(query, 'size', DEFAULT_SIZE, MAX_SIZE) };
}

/** Throws `LegacyRefused` for a name that is given twice. */
export function textIn(query: LegacyRequest['query'], name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw refused(`${name} was given more than once.`);
}

function numberIn(query: LegacyRequest['query'], name: string, fallback: number, max: number): number {
  const given = textIn(query, name);
  if (given === undefined) return fallback;
  const value = /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (value < 1 || value > max) throw refused(`${name} must be a whole number from 1 to ${max}.`);
  return value;
}
