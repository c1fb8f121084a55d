import { isBanyanError } from '@banyan/core';
import { HttpProblem } from '@banyan/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Projector } from './projector.js';
import type { Rebuilds } from './rebuilds.js';

export const PROJECTOR = Symbol('projector');
export const INSTANCE = Symbol('instance');
export const REBUILDS = Symbol('rebuilds');

const replayBody = z.strictObject({ entity: z.string().min(1), key: z.uuid().toLowerCase() });
const word = z.string().trim().min(1).max(1_000);
const discardBody = replayBody.extend({ eventId: z.string().min(1).max(200), by: word, reason: word });
const closedQuery = z.strictObject({ key: z.uuid().toLowerCase().optional() });
/** Nothing, or one key. */
const parkedQuery = z.union([replayBody, z.strictObject({}).transform(() => undefined)]);

/** What operators and the CLI ask. Bound to HOST, 127.0.0.1 unless said otherwise: it has no login of its own. */
@Controller('internal')
export class InternalController {
  constructor(
    @Inject(PROJECTOR) private readonly projector: Projector,
    @Inject(INSTANCE) private readonly instance: string,
    @Inject(REBUILDS) private readonly rebuilds: Rebuilds,
  ) {}

  @Get('status')
  async status(): Promise<object> {
    const [consumers, rebuild] = await Promise.all([this.projector.status(), this.rebuilds.status()]);
    return { app: 'v2-projector', instance: this.instance, consumers, rebuild };
  }

  @Get('parked')
  async parked(@Query() query: unknown): Promise<object> {
    const asked = parsedQuery(parkedQuery, query);
    const entries = await this.projector.parked(asked);
    const unlike = await this.projector.unlike(asked);
    return {
      parked: entries.map((entry) => ({ ...entry, entity: entry.consumer })),
      unlike: unlike.map((one) => ({ ...one, entity: one.consumer })),
    };
  }

  @Get('closed')
  async closed(@Query() query: unknown): Promise<object> {
    const { key } = parsedQuery(closedQuery, query);
    const entries = await this.projector.closed(key);
    return { closed: entries.map((entry) => ({ ...entry, entity: entry.consumer })) };
  }

  @Post('parked/replay')
  @HttpCode(200)
  async replay(@Body() body: unknown): Promise<object> {
    const { entity, key } = this.#parsed(replayBody, body, 'PROJECTOR_REPLAY_INVALID');
    return this.projector.replay(entity, key);
  }

  @Post('parked/discard')
  @HttpCode(200)
  async discard(@Body() body: unknown): Promise<object> {
    const { entity, ...order } = this.#parsed(discardBody, body, 'PROJECTOR_DISCARD_INVALID');
    try {
      return await this.projector.discard(entity, order);
    } catch (error) {
      throw refusedBySink(error);
    }
  }

  #parsed<S extends z.ZodType<{ readonly entity: string }>>(schema: S, body: unknown, code: string): z.output<S> {
    const given = schema.safeParse(body);
    if (!given.success) {
      throw new HttpProblem(422, code, `The body is not as it must be: ${z.prettifyError(given.error)}`);
    }
    const known = this.projector.names();
    if (known.includes(given.data.entity)) return given.data;
    throw new HttpProblem(
      404,
      'PROJECTOR_ENTITY_UNKNOWN',
      `This projector runs ${known.join(', ')}, not ${given.data.entity}.`,
    );
  }
}

function parsedQuery<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const given = schema.safeParse(query);
  if (given.success) return given.data;
  throw new HttpProblem(422, 'PROJECTOR_QUERY_INVALID', `The query is not right: ${z.prettifyError(given.error)}`);
}

/** What is as it is, and no fault. */
function refusedBySink(error: unknown): unknown {
  if (!isBanyanError(error) || !['SINK_NOT_STANDING', 'SINK_STATE_NOT_DISCARDED'].includes(error.code)) return error;
  return new HttpProblem(409, error.code, error.message, { data: error.data, cause: error });
}
