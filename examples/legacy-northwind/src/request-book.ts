import type { FastifyRequest } from 'fastify';

export interface RequestCount {
  readonly method: string;
  /** As declared, `/api/orders/:OrderID`; `unmatched` for a path that does not exist. */
  readonly route: string;
  readonly received: number;
  /** Of these, how many changed the database. */
  readonly committed: number;
}

/** What reached this server and what of it was committed: tests check "at most one write" here. */
export class RequestBook {
  private readonly counts = new Map<string, { -readonly [K in keyof RequestCount]: RequestCount[K] }>();

  received(request: FastifyRequest): void {
    this.countOf(request).received += 1;
  }

  committed(request: FastifyRequest): void {
    this.countOf(request).committed += 1;
  }

  all(): readonly RequestCount[] {
    return [...this.counts.values()].sort((a, b) => a.route.localeCompare(b.route) || a.method.localeCompare(b.method));
  }

  clear(): void {
    this.counts.clear();
  }

  private countOf(request: FastifyRequest) {
    const route = request.routeOptions.url ?? 'unmatched';
    const key = `${request.method} ${route}`;
    const known = this.counts.get(key);
    if (known) return known;
    const count = { method: request.method, route, received: 0, committed: 0 };
    this.counts.set(key, count);
    return count;
  }
}
