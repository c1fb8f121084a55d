import { BanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';

export interface RouteOfEntity {
  /** `order.one` */
  readonly route: string;
  readonly entity: string;
  readonly kind: 'read' | 'write';
  readonly method: string;
  readonly path: string;
}

/** Every legacy route that the proxy translates. */
export function legacyRoutes(entities: readonly AnyEntity[]): readonly RouteOfEntity[] {
  return entities.flatMap((entity) =>
    entity.legacy.routes.map(({ name, kind, method, path }) => ({
      route: `${entity.name}.${name}`,
      entity: entity.name,
      kind,
      method,
      path,
    })),
  );
}

export function readRoutesOf(entities: readonly AnyEntity[], entity: string): readonly string[] {
  return legacyRoutes(entities)
    .filter((route) => route.entity === entity && route.kind === 'read')
    .map(({ route }) => route);
}

/** Throws `OPERATIONS_UNKNOWN_ROUTE` with the read routes there are. */
export function readRouteNamed(entities: readonly AnyEntity[], name: string): RouteOfEntity {
  const reads = legacyRoutes(entities).filter(({ kind }) => kind === 'read');
  const found = reads.find(({ route }) => route === name);
  if (found !== undefined) return found;
  const names = reads.map(({ route }) => route);
  const writes = legacyRoutes(entities).some(({ route }) => route === name);
  const hint = writes
    ? `${name} is a write route; writes move by entity: banyan entities authority`
    : `there are ${names.join(', ')}`;
  throw new BanyanError('OPERATIONS_UNKNOWN_ROUTE', `No read route is called ${name}; ${hint}.`, {
    data: { name, names },
  });
}

export interface PortOfEntity {
  readonly entity: string;
  /** `order.backend` */
  readonly port: string;
  readonly primary: boolean;
}

/** Throws `OPERATIONS_UNKNOWN_PORT` with the ports there are. @param name `order.backend` */
export function portNamed(entities: readonly AnyEntity[], name: string): PortOfEntity {
  const all = portsOf(entities);
  const found = all.find(({ port }) => port === name);
  if (found !== undefined) return found;
  const names = all.map(({ port }) => port);
  throw new BanyanError('OPERATIONS_UNKNOWN_PORT', `No port is called ${name}; there are ${names.join(', ')}.`, {
    data: { name, names },
  });
}

export function portsOf(entities: readonly AnyEntity[]): readonly PortOfEntity[] {
  return entities.flatMap(({ name, legacy }) =>
    legacy.ports.map((port) => ({ entity: name, port: `${name}.${port.name}`, primary: port.primary })),
  );
}
