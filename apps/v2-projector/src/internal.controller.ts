import { HttpProblem } from '@banyan/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Projector } from './projector.js';

export const PROJECTOR = Symbol('projector');
export const INSTANCE = Symbol('instance');

const replayBody = z.strictObject({ entity: z.string().min(1), key: z.uuid().toLowerCase() });

const parkedQuery = z.union([replayBody, z.strictObject({}).transform(() => undefined)]);

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
  async parked(@Query() query: unknown): Promise<object> {
    const asked = parkedQuery.safeParse(query);
    if (!asked.success) {
      const why = `What is asked for must be nothing, or \`entity\` and \`key\`: ${z.prettifyError(asked.error)}`;
      throw new HttpProblem(422, 'PROJECTOR_REQUEST_INVALID', why);
    }
    const entries = await this.projector.parked(asked.data);
    return { parked: entries.map((entry) => ({ ...entry, entity: entry.consumer })) };
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
