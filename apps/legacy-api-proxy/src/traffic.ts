import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PassThrough } from './pass-through.js';
import type { Reads } from './reads/reads.js';
import type { RouteTable } from './routing/route-table.js';
import type { TranslatedRoute } from './routing/translation.js';
import type { Writes } from './writes/writes.js';

export interface TrafficParts {
  readonly routes: RouteTable<TranslatedRoute>;
  readonly reads: Pick<Reads, 'serve'>;
  readonly writes: Pick<Writes, 'serve'>;
}

/** Where a call goes: a path that no entity knows passes at once, untouched. */
export function traffic({ routes, reads, writes }: TrafficParts) {
  return (request: IncomingMessage, response: ServerResponse, pass: PassThrough): void => {
    const match = routes.match(request.method ?? 'GET', request.url ?? '/');
    if (match.type === 'unknown') pass(request, response);
    else if (match.type === 'route' && match.route.kind === 'read') reads.serve(request, response, match, pass);
    else writes.serve(request, response, match, pass);
  };
}
