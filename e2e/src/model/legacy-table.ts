import type { LegacyAnswer } from '@banyan/legacy';
import type { HttpRequest } from '@banyan/transformer';
import type { TallyRow } from './tally.js';

/** Legacy: a table whose ids it assigns, and requests it was sent and has not carried out. */
export interface LegacyTable {
  readonly rows: readonly TallyRow[];
  readonly nextId: number;
  readonly late: readonly HttpRequest[];
}

export function isWrite({ method }: HttpRequest): boolean {
  return method !== 'GET';
}

export interface Executed {
  readonly legacy: LegacyTable;
  readonly answer: LegacyAnswer;
}

/** Carries out one request of `/tallies`. */
export function execute(legacy: LegacyTable, { method, path, body }: HttpRequest): Executed {
  const { rows } = legacy;
  const url = new URL(path, 'http://legacy');
  const id = url.pathname.split('/')[2];
  if (method === 'POST') {
    const row = { ...(body as TallyRow), Id: String(legacy.nextId) };
    return { legacy: { ...legacy, rows: [...rows, row], nextId: legacy.nextId + 1 }, answer: answered(201, row) };
  }
  if (id === undefined) {
    const [page, size] = ['page', 'size'].map((name) => Number(url.searchParams.get(name)));
    const from = ((page ?? 1) - 1) * (size ?? 1);
    const answer = answered(200, rows.slice(from, from + (size ?? 1)), { 'x-total-count': String(rows.length) });
    return { legacy, answer };
  }
  const at = rows.findIndex((row) => row.Id === id);
  if (at < 0) return { legacy, answer: answered(404, 'not found') };
  if (method === 'GET') return { legacy, answer: answered(200, rows[at]) };
  if (method === 'DELETE') return { legacy: { ...legacy, rows: rows.toSpliced(at, 1) }, answer: answered(204, '') };
  const row = { ...(body as TallyRow), Id: id };
  return { legacy: { ...legacy, rows: rows.with(at, row) }, answer: answered(200, row) };
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): LegacyAnswer {
  return { type: 'answered', status, headers, body: JSON.stringify(body) };
}
