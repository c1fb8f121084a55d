import { Controller, Get, Query, type Type } from '@nestjs/common';
import { z } from 'zod';
import { problem } from '../problems.js';
import type { IdempotencyStore } from './idempotency-store.js';

const keys = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());
const query = z.strictObject({ key: keys.pipe(z.array(z.string().min(1).max(255)).max(10)) });

/**
 * For the proxy, before it lets a creation with a key of the caller's go to legacy directly: one that V2 took before writes went back
 * would be made twice. It has no login: bound to HOST, 127.0.0.1 unless said otherwise.
 */
export function creationsController(store: Pick<IdempotencyStore, 'mayHaveActed'>): Type<unknown> {
  @Controller('internal/creations')
  class CreationsController {
    @Get()
    async known(@Query() given: unknown): Promise<{ readonly known: boolean }> {
      const parsed = query.safeParse(given);
      if (!parsed.success)
        throw problem('API_QUERY_INVALID', `The query is not right: ${z.prettifyError(parsed.error)}`);
      return { known: await store.mayHaveActed(parsed.data.key) };
    }
  }
  return CreationsController;
}
