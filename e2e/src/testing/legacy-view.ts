import type { LegacyAnswer, LegacyReadRoute, LegacyRequest, LegacyViewQuery } from '@banyan/transformer';
import { type AnyEntity, LegacyRefused, type LegacyRow } from '@banyan/transformer';
import { request } from 'undici';

/** What of an answer a client of legacy can rely on. */
export interface Heard {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly total: string | undefined;
  readonly body: string;
}

/** Asks legacy itself. @param target path and query */
export async function askLegacy(url: string, target: string): Promise<Heard> {
  const { statusCode, headers, body } = await request(`${url}${target}`);
  const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
  return {
    status: statusCode,
    contentType: text('content-type'),
    total: text('x-total-count'),
    body: await body.text(),
  };
}

/** The same, answered by the entity's route out of new-api's legacy view. */
export async function askView(newApiUrl: string, entity: AnyEntity, target: string): Promise<Heard> {
  const { route, asked } = routed(entity, target);
  const { status, headers, body } = await answered(newApiUrl, entity, route, asked);
  return { status, contentType: headers['content-type'], total: headers['x-total-count'], body };
}

async function answered(
  newApiUrl: string,
  entity: AnyEntity,
  route: LegacyReadRoute,
  asked: LegacyRequest,
): Promise<LegacyAnswer> {
  try {
    const { rows, total } = await view(newApiUrl, entity.name, route.toView(asked));
    return route.toAnswer(rows, total, asked);
  } catch (error) {
    if (error instanceof LegacyRefused) return error.answer;
    throw error;
  }
}

async function view(url: string, entity: string, { ids, page, size, filter = {} }: LegacyViewQuery) {
  const query = new URLSearchParams({
    ...(ids === undefined ? {} : { ids: ids.join(',') }),
    ...(page === undefined ? {} : { page: String(page) }),
    ...(size === undefined ? {} : { size: String(size) }),
    ...Object.fromEntries(Object.entries(filter).map(([name, value]) => [`filter.${name}`, value])),
  });
  const { statusCode, body } = await request(`${url}/internal/legacy-view/${entity}?${query}`);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`new-api answered ${query} with ${statusCode}: ${text}`);
  return JSON.parse(text) as { readonly rows: readonly LegacyRow[]; readonly total: number };
}

function routed(entity: AnyEntity, target: string): { route: LegacyReadRoute; asked: LegacyRequest } {
  const { pathname, searchParams } = new URL(target, 'http://legacy');
  const segments = pathname.split('/').map(decodeURIComponent);
  for (const route of entity.legacy.routes) {
    const pattern = route.path.split('/');
    const fits = pattern.every((part, index) => part.startsWith(':') || part === segments[index]);
    if (route.kind !== 'read' || pattern.length !== segments.length || !fits) continue;
    const named = pattern.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), segments[index]]] : []));
    const query = [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    });
    return { route, asked: { params: Object.fromEntries(named), query: Object.fromEntries(query), body: '' } };
  }
  throw new Error(`${entity.name} has no route for GET ${target}`);
}
