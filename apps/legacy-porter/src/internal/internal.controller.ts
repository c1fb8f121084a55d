import { BanyanError, isBanyanError } from '@banyan/core';
import { HttpProblem } from '@banyan/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Operations } from './operations.js';

export const OPERATIONS = Symbol('operations');
export const INSTANCE = Symbol('instance');

const name = z.string().min(1).max(100);
const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(item).min(1).max(1_000));
const linksQuery = z
  .strictObject({
    entity: name,
    legacyIds: list(z.string().min(1)).optional(),
    keys: list(z.uuid()).optional(),
  })
  .refine(
    ({ legacyIds, keys }) => (legacyIds === undefined) !== (keys === undefined),
    'exactly one of legacyIds and keys',
  );
const intentsQuery = z.strictObject({ entity: name });
const natural = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const sendsQuery = z
  .strictObject({
    entity: name,
    port: name.optional(),
    key: z.uuid().toLowerCase(),
    version: natural.optional(),
    eventId: z.string().min(1).max(200).optional(),
  })
  .refine(
    ({ version, eventId }) => (version === undefined) !== (eventId === undefined),
    'exactly one of version and eventId',
  );
const drainedQuery = z.strictObject({ entity: name, epoch: natural });
const closedQuery = z.strictObject({ key: z.uuid().toLowerCase().optional() });
const forgetBody = z.strictObject({ name });
const parkedQuery = z.union([
  z.strictObject({ entity: name, key: z.uuid().toLowerCase() }),
  z.strictObject({}).transform(() => undefined),
]);
const replayBody = z.strictObject({ entity: name, key: z.uuid().toLowerCase(), port: name.optional() });
const word = z.string().trim().min(1).max(1_000);
const standing = replayBody.extend({ eventId: z.string().min(1).max(200), by: word, reason: word });
const discardBody = standing.extend({ notArrived: z.boolean().optional() });
const settleBody = standing
  .extend({ arrivedAs: z.string().min(1).max(200).optional(), notArrived: z.literal(true).optional() })
  .refine(
    ({ arrivedAs, notArrived }) => (arrivedAs === undefined) !== (notArrived === undefined),
    'exactly one of arrivedAs and notArrived',
  );

/** What the other apps, operators and the CLI ask. Bound to HOST, 127.0.0.1 unless said otherwise: it has no login of its own. */
@Controller('internal')
export class InternalController {
  constructor(
    @Inject(OPERATIONS) private readonly operations: Operations,
    @Inject(INSTANCE) private readonly instance: string,
  ) {}

  @Get('links')
  links(@Query() query: unknown): Promise<object> {
    return answer(async () => {
      const { entity, legacyIds, keys } = parse(linksQuery, query);
      const by = legacyIds === undefined ? { keys: keys ?? [] } : { legacyIds };
      return { links: await this.operations.links(entity, by) };
    });
  }

  @Get('intents')
  intents(@Query() query: unknown): Promise<object> {
    return answer(async () => ({ intents: await this.operations.intents(parse(intentsQuery, query).entity) }));
  }

  @Get('sends')
  sends(@Query() query: unknown): Promise<object> {
    return answer(() => {
      const { entity, port, key, version, eventId = '' } = parse(sendsQuery, query);
      return this.operations.send(entity, { key, by: version === undefined ? { eventId } : { version } }, port);
    });
  }

  @Get('drained')
  drained(@Query() query: unknown): Promise<object> {
    return answer(() => {
      const { entity, epoch } = parse(drainedQuery, query);
      return this.operations.drained(entity, epoch);
    });
  }

  @Get('status')
  status(): Promise<object> {
    return answer(async () => ({ app: 'legacy-porter', instance: this.instance, ...(await this.operations.status()) }));
  }

  @Get('parked')
  parked(@Query() query: unknown): Promise<object> {
    return answer(() => this.operations.parked(parse(parkedQuery, query)));
  }

  @Post('parked/discard')
  @HttpCode(200)
  discard(@Body() body: unknown): Promise<object> {
    return answer(() => {
      const { entity, port, ...order } = parse(discardBody, body);
      return this.operations.discard(entity, order, port);
    });
  }

  @Post('parked/settle')
  @HttpCode(200)
  settle(@Body() body: unknown): Promise<object> {
    return answer(async () => {
      const { entity, port, arrivedAs, notArrived: _, ...order } = parse(settleBody, body);
      const said = arrivedAs === undefined ? ({ notArrived: true } as const) : { arrivedAs };
      await this.operations.settle(entity, { ...order, ...said }, port);
      return { settled: true };
    });
  }

  @Get('closed')
  closed(@Query() query: unknown): Promise<object> {
    return answer(async () => ({ closed: await this.operations.closed(parse(closedQuery, query).key) }));
  }

  @Post('parked/replay')
  @HttpCode(200)
  replay(@Body() body: unknown): Promise<object> {
    return answer(async () => {
      const { entity, key, port } = parse(replayBody, body);
      return this.operations.replay(entity, key, port);
    });
  }

  @Get('porters')
  porters(): Promise<object> {
    return answer(async () => ({ porters: await this.operations.porters() }));
  }

  @Post('porters/forget')
  @HttpCode(200)
  forget(@Body() body: unknown): Promise<object> {
    return answer(async () => this.operations.forget(parse(forgetBody, body).name));
  }
}

function parse<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new HttpProblem(
    422,
    'PORTER_REQUEST_INVALID',
    `The request is not as it must be: ${z.prettifyError(result.error)}`,
  );
}

async function answer(work: () => Promise<object>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (isBanyanError(error)) throw asProblem(error);
    throw error;
  }
}

/** What is as it is, and no fault. */
const REFUSALS: ReadonlyMap<string, number> = new Map([
  ['PORTER_ENTITY_UNKNOWN', 404],
  ['PORTER_SEND_NOT_STANDING', 409],
  ['PORTER_STILL_IN_DOUBT', 409],
  ['PORTER_ARRIVED_UNLIKELY', 409],
  ['SINK_NOT_STANDING', 409],
  ['SINK_STATE_NOT_DISCARDED', 409],
]);

function asProblem(error: BanyanError): BanyanError {
  const status = REFUSALS.get(error.code);
  if (status === undefined) return error;
  return new HttpProblem(status, error.code, error.message, { data: error.data, cause: error });
}
