import { forgivingSegmentsOf, segmentsOf } from './legacy-path.js';

/** What the table has to know of a route; the rest is the entity's. */
export interface RoutePattern {
  readonly name: string;
  readonly kind: 'read' | 'write';
  readonly method: string;
  /** `/api/orders/:OrderID` */
  readonly path: string;
}

export interface RoutedEntity<R extends RoutePattern = RoutePattern> {
  readonly name: string;
  readonly routes: readonly R[];
}

export type RouteMatch<R extends RoutePattern = RoutePattern> =
  /** No route that Banyan knows: legacy's alone. */
  | { readonly type: 'unknown' }
  | {
      readonly type: 'route';
      readonly entity: string;
      readonly route: R;
      readonly params: Readonly<Record<string, string>>;
    }
  /**
   * No route as it is spelt, but a forgiving server could take it for a write of this entity: it counts as one, and passes
   * only while such writes go to legacy anyway.
   */
  | { readonly type: 'doubtful-write'; readonly entity: string };

export interface RouteTable<R extends RoutePattern = RoutePattern> {
  match(method: string, target: string): RouteMatch<R>;
}

/** Methods that ask and change nothing (RFC 9110 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const UNKNOWN = { type: 'unknown' } as const;

interface Compiled<R extends RoutePattern> {
  readonly entity: string;
  readonly route: R;
  readonly segments: readonly string[];
}

/** Compiles the routes of all entities. A path is matched as it is sent, decoded segment by segment, as legacy does. */
export function routeTable<R extends RoutePattern>(entities: readonly RoutedEntity<R>[]): RouteTable<R> {
  const compiled: Compiled<R>[] = entities.flatMap(({ name, routes }) =>
    routes.map((route) => ({ entity: name, route, segments: route.path.slice(1).split('/') })),
  );
  return {
    match(method, target) {
      const asked = method === 'HEAD' ? 'GET' : method;
      const segments = segmentsOf(target);
      if (segments !== undefined) {
        for (const { entity, route, segments: pattern } of compiled) {
          if (route.method !== asked) continue;
          const params = paramsOf(pattern, segments);
          if (params !== undefined) return { type: 'route', entity, route, params };
        }
      }
      if (SAFE.has(method)) return UNKNOWN;
      const forgiving = forgivingSegmentsOf(target);
      const near = compiled.find(({ segments: pattern }) => isNear(pattern, forgiving));
      return near === undefined ? UNKNOWN : { type: 'doubtful-write', entity: near.entity };
    },
  };
}

/** Specific segments are declared before parameters by no rule, so a parameter must not be empty: `/api/orders/` is no order. */
function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) {
      if (segment === '') return undefined;
      params[part.slice(1)] = segment;
    } else if (part !== segment) return undefined;
  }
  return params;
}

/** Everything at or below a pattern, whatever the method. */
function isNear(pattern: readonly string[], segments: readonly string[]): boolean {
  if (segments.length < pattern.length) return false;
  return pattern.every((part, index) => part.startsWith(':') || part.toLowerCase() === segments[index]);
}
