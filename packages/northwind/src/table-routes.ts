import {
  type LegacyCommand,
  type LegacyReadRoute,
  LegacyRefused,
  type LegacyRequest,
  type LegacyRow,
  type LegacyWriteRoute,
} from '@banyan/transformer';
import { absence, deleted, jsonAnswer, notFound, rowAnswer } from './answers.js';
import { type Columns, readFields, requireStorable } from './columns.js';
import { pageOf, textIn } from './query-string.js';

/** What the routes of a table of legacy's API have in common. */
export interface TableRoutes {
  /** `/api/orders` */
  readonly path: string;
  /** Name of the id's column: `OrderID`. */
  readonly id: string;
  /** The canonical id that a path segment names; undefined = no row can have it. */
  idOfPath(raw: string): string | undefined;
  /** Columns that a list can be searched by. */
  readonly searches: Columns;
}

/** `GET /api/orders` with pages and searches. Names of queries that legacy does not know are passed over, as legacy does. */
export function listRoute<R extends LegacyRow>({ path, searches }: TableRoutes): LegacyReadRoute<R> {
  return {
    name: 'list',
    kind: 'read',
    method: 'GET',
    path,
    toView: ({ query }) => {
      const terms = Object.keys(searches).flatMap((name) => {
        const value = textIn(query, name);
        return value === undefined ? [] : [[name, value] as const];
      });
      const filter = filterOf(searches, Object.fromEntries(terms));
      const page = pageOf(query, terms.length > 0);
      return { ...page, ...(terms.length === 0 ? {} : { filter }) };
    },
    toAnswer: (rows, total) => jsonAnswer(200, rows, { 'x-total-count': String(total) }),
  };
}

/** `GET /api/orders/:OrderID` */
export function oneRoute<R extends LegacyRow>(table: TableRoutes): LegacyReadRoute<R> {
  return {
    name: 'one',
    kind: 'read',
    method: 'GET',
    path: pathOfOne(table),
    toView: (request) => ({ ids: [idOf(table, request)] }),
    toAnswer: ([row]) => rowAnswer(200, row),
  };
}

type Translation = Pick<LegacyCommand, 'method' | 'path' | 'body'>;
type Refusals = NonNullable<LegacyWriteRoute['toRefusal']>;

/** A write of a row that is there: its id is looked at first, then the body, then the row. */
export function changeRoute<R extends LegacyRow>(
  table: TableRoutes,
  route: Pick<LegacyWriteRoute, 'name' | 'method'> & {
    /** Behind the id: `/ship`. */
    readonly verb?: string;
    command(request: LegacyRequest): Translation;
    readonly refusals?: Refusals;
  },
): LegacyWriteRoute<R> {
  const { name, method, verb = '', command, refusals } = route;
  return {
    name,
    kind: 'write',
    method,
    path: `${pathOfOne(table)}${verb}`,
    toCommand: (request) => {
      const legacyId = idOf(table, request);
      return { ...command(request), legacyId };
    },
    toAnswer: (row) => (method === 'DELETE' ? deleted() : rowAnswer(200, row)),
    toRefusal: (problem, request) => absence(problem) ?? refusals?.(problem, request),
  };
}

/** `POST /api/orders` */
export function createRoute<R extends LegacyRow>(
  { path }: TableRoutes,
  toCommand: LegacyWriteRoute['toCommand'],
  toRefusal?: Refusals,
): LegacyWriteRoute<R> {
  return {
    name: 'create',
    kind: 'write',
    method: 'POST',
    path,
    toCommand,
    toAnswer: (row) => rowAnswer(201, row),
    ...(toRefusal === undefined ? {} : { toRefusal }),
  };
}

/** `010248` is 10248, as it is to anything that parses numbers. */
export function numberOfPath(raw: string): string | undefined {
  return /^\d{1,9}$/.test(raw) ? String(Number(raw)) : undefined;
}

/** `alfki ` is ALFKI, as it is to legacy. Not `canonicalCode`, which refuses texts that no row can have: here that is a row not there. */
export function codeOfPath(raw: string): string | undefined {
  const code = raw.trim().toUpperCase();
  return /^\.{0,2}$/.test(code) ? undefined : code;
}

function pathOfOne({ path, id }: TableRoutes): string {
  return `${path}/:${id}`;
}

function idOf({ id, idOfPath }: TableRoutes, { params }: LegacyRequest): string {
  const legacyId = idOfPath(params[id] ?? '');
  if (legacyId === undefined) throw new LegacyRefused(notFound());
  return legacyId;
}

function filterOf(searches: Columns, given: Readonly<Record<string, string>>): Record<string, string> {
  const asked = Object.fromEntries(Object.entries(searches).filter(([name]) => name in given));
  const values = readFields(asked, given);
  requireStorable(asked, values);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
