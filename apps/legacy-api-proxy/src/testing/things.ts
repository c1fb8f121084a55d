import type { TranslatedEntity, TranslatedRoute } from '../routing/translation.js';
import { type Reply, textReply } from '../upstream/reply.js';

/** A small entity of its own, so that the proxy's rules are tested without Northwind's mappings. */

const json = (status: number, value: unknown, headers: readonly string[] = []): Reply => ({
  status,
  headers: ['content-type', 'application/json; charset=utf-8', ...headers],
  body: JSON.stringify(value),
});

export const NOT_FOUND: Reply = { status: 404, headers: ['content-type', 'text/html'], body: '<h2>404</h2>' };

function unused(): never {
  throw new Error('not asked for in this test');
}

const read = (name: string, path: string, rest: Pick<TranslatedRoute, 'toView' | 'toAnswer'>): TranslatedRoute => ({
  name,
  kind: 'read',
  method: 'GET',
  path,
  creates: false,
  toCommand: unused,
  toDone: unused,
  toRefusal: unused,
  ...rest,
});

const write = (
  name: string,
  method: string,
  path: string,
  toCommand: TranslatedRoute['toCommand'],
): TranslatedRoute => ({
  name,
  kind: 'write',
  method,
  path,
  creates: name === 'create',
  toView: unused,
  toAnswer: unused,
  toCommand,
  toDone: (row) =>
    method === 'DELETE' ? { status: 204, headers: [], body: '' } : json(method === 'POST' ? 201 : 200, row),
  toRefusal: ({ code }) => (code === 'THING_TWICE' ? textReply(500, 'duplicate key') : undefined),
});

const bodyOf = (body: Buffer | undefined): Record<string, unknown> => JSON.parse(body?.toString() || '{}');

export const thing: TranslatedEntity = {
  name: 'thing',
  primaryPort: 'thing.backend',
  allPorts: ['thing.backend'],
  assignedIds: true,
  settleAfterMs: 50,
  ignores: [],
  idOfCall: ({ ThingID }) => (ThingID !== undefined && /^\d+$/.test(ThingID) ? String(Number(ThingID)) : undefined),
  idOfRow: (row) => {
    const id = (row as { ThingID?: number } | undefined)?.ThingID;
    return id === undefined ? undefined : String(id);
  },
  pathOfRow: (legacyId) => `/things/${legacyId}`,
  canonical: (row) => row,
  absent: () => NOT_FOUND,
  routes: [
    read('list', '/things', {
      toView: ({ query }) =>
        query.size === 'many' ? { reply: textReply(400, 'size must be a number.') } : { view: { page: 1, size: 50 } },
      toAnswer: (rows, total) => json(200, rows, ['x-total-count', String(total)]),
    }),
    read('one', '/things/:ThingID', {
      toView: ({ params }) => ({ view: { ids: [params.ThingID ?? ''] } }),
      toAnswer: (rows) => (rows[0] === undefined ? NOT_FOUND : json(200, rows[0])),
    }),
    write('create', 'POST', '/things', ({ body }) => {
      const { Ref, ...rest } = bodyOf(body);
      if (rest.Name === undefined) return { reply: textReply(400, 'Name is required.') };
      const creation = typeof Ref === 'string' ? { key: Ref } : {};
      return { command: { method: 'POST', path: '/v2/things', body: rest, creation, legacyId: undefined } };
    }),
    write('replace', 'PUT', '/things/:ThingID', ({ params, body }) => ({
      command: {
        method: 'PUT',
        path: `/v2/things/legacy:${params.ThingID}`,
        body: bodyOf(body),
        creation: undefined,
        legacyId: params.ThingID,
      },
    })),
    write('delete', 'DELETE', '/things/:ThingID', ({ params }) => ({
      command: {
        method: 'POST',
        path: `/v2/things/legacy:${params.ThingID}/scrap`,
        body: {},
        creation: undefined,
        legacyId: params.ThingID,
      },
    })),
  ],
};
