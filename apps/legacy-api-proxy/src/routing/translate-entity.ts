import {
  type AnyEntity,
  type LegacyAnswer,
  type LegacyReadRoute,
  LegacyRefused,
  type LegacyRequest,
  type LegacyRoute,
  type LegacyWriteRoute,
  primaryPortOf,
  settleAfterMsOf,
} from '@banyan/transformer';
import { type Reply, textReply } from '../upstream/reply.js';
import type { LegacyCall, TranslatedEntity, TranslatedRoute } from './translation.js';

/** An entity's definition as the proxy uses it. */
export function translateEntity(entity: AnyEntity): TranslatedEntity {
  const { legacy, name } = entity;
  const primary = primaryPortOf(entity);
  const one = legacy.routes.find(
    (route): route is LegacyReadRoute => route.kind === 'read' && route.path.includes(':'),
  );
  return {
    name,
    routes: legacy.routes.map(translateRoute),
    primaryPort: `${name}.${primary.name}`,
    allPorts: legacy.ports.map((port) => `${name}.${port.name}`),
    assignedIds: legacy.identity.type === 'assigned-by-legacy',
    settleAfterMs: settleAfterMsOf(primary),
    ignores: legacy.compare.ignores,
    idOfCall: (params) => {
      const [raw] = Object.values(params);
      return raw === undefined ? undefined : tried(() => legacy.canonicalId(raw));
    },
    idOfRow: (row) => (isRow(row) ? tried(() => legacy.idOf(row)) : undefined),
    pathOfRow: (legacyId) => legacy.reader.http.one(legacyId),
    canonical: (row) => tried(() => legacy.reader.canonical(row)) ?? row,
    absent: (legacyId) =>
      one === undefined
        ? textReply(404, `There is no ${name} ${legacyId}.`)
        : replyOf(one.toAnswer([], 0, requestFor(one, legacyId))),
  };
}

function translateRoute(route: LegacyRoute): TranslatedRoute {
  const { name, kind, method, path } = route;
  const pattern = { name, kind, method, path, creates: kind === 'write' && !path.includes(':') };
  return route.kind === 'read' ? { ...pattern, ...readOf(route) } : { ...pattern, ...writeOf(route) };
}

type Translations = Pick<TranslatedRoute, 'toView' | 'toAnswer' | 'toCommand' | 'toDone' | 'toRefusal'>;

function readOf(route: LegacyReadRoute): Translations {
  return {
    ...NO_WRITE,
    toView: (call) => orRefused(() => ({ view: route.toView(requestOf(call)) })),
    toAnswer: (rows, total, call) => replyOf(route.toAnswer(rows, total, requestOf(call))),
  };
}

function writeOf(route: LegacyWriteRoute): Translations {
  return {
    ...NO_READ,
    toCommand: (call) =>
      orRefused(() => {
        const { method, path, body, legacyId, creation } = route.toCommand(requestOf(call));
        const address = legacyId === undefined ? '' : `legacy:${encodeURIComponent(legacyId)}`;
        return { command: { method, path: path.replace('{id}', address), body, legacyId, creation } };
      }),
    toDone: (row, call) => replyOf(route.toAnswer(isRow(row) ? row : undefined, requestOf(call))),
    toRefusal: (problem, call) => {
      const answer = route.toRefusal?.(problem, requestOf(call));
      return answer === undefined ? undefined : replyOf(answer);
    },
  };
}

const NO_READ = { toView: never, toAnswer: never };
const NO_WRITE = { toCommand: never, toDone: never, toRefusal: never };

function never(): never {
  throw new TypeError('A read was taken for a write, or a write for a read.');
}

function orRefused<T>(translate: () => T): T | { readonly reply: Reply } {
  try {
    return translate();
  } catch (error) {
    if (error instanceof LegacyRefused) return { reply: replyOf(error.answer) };
    throw error;
  }
}

function requestOf({ params, query, body }: LegacyCall): LegacyRequest {
  return { params, query, body: body?.toString('utf8') ?? '' };
}

function requestFor({ path }: LegacyReadRoute, legacyId: string): LegacyRequest {
  const name = /:([^/]+)/.exec(path)?.[1] ?? '';
  return { params: { [name]: legacyId }, query: {}, body: '' };
}

function replyOf({ status, headers, body }: LegacyAnswer): Reply {
  return { status, headers: Object.entries(headers).flat(), body };
}

function isRow(value: unknown): value is Parameters<AnyEntity['legacy']['idOf']>[0] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What cannot be read is not there for the proxy: legacy will say what is wrong with it. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
