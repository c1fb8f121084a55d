import { HttpProblem } from '@banyan/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Projector } from './projector.js';

export const PROJECTOR = Symbol('projector');
export const INSTANCE = Symbol('instance');

const replayBody = z.strictObject({ entity: z.string().min(1), key: z.uuid().toLowerCase() });

const closedQuery = z.strictObject({ key: z.uuid().toLowerCase().optional() });

/** What operators and the CLI ask. Bound to HOST, 127.0.0.1 unless said otherwise: it has no login of its own. */
@Controller('internal')
export class InternalController {
  constructor(
    @Inject(PROJECTOR) private readonly projector: Projector,
    @Inject(INSTANCE) private readonly instance: string,
  ) {}

  @Get('status')
  async status(): Promise<object> {
    return { app: 'v2-projector', instance: this.instance, consumers: await this.projector.status() };
  }

  @Get('parked')
  async parked(): Promise<object> {
    const entries = await this.projector.parked();
    return { parked: entries.map((entry) => ({ ...entry, entity: entry.consumer })) };
  }

  @Get('closed')
  async closed(@Query() query: unknown): Promise<object> {
    const given = closedQuery.safeParse(query);
    if (!given.success)
      throw new HttpProblem(422, 'PROJECTOR_QUERY_INVALID', `The query is not right: ${z.prettifyError(given.error)}`);
    const entries = await this.projector.closed(given.data.key);
    return { closed: entries.map((entry) => ({ ...entry, entity: entry.consumer })) };
  }

  @Post('parked/replay')
  @HttpCode(200)
  async replay(@Body() body: unknown): Promise<object> {
    const given = replayBody.safeParse(body);
    if (!given.success) {
      throw new HttpProblem(
        422,
        'PROJECTOR_REPLAY_INVALID',
        `The body must be {"entity", "key"}: ${z.prettifyError(given.error)}`,
      );
    }
    const { entity, key } = given.data;
    const known = this.projector.names();
    if (!known.includes(entity)) {
      throw new HttpProblem(404, 'PROJECTOR_ENTITY_UNKNOWN', `This projector runs ${known.join(', ')}, not ${entity}.`);
    }
    return this.projector.replay(entity, key);
  }
}
