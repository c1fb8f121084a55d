import type { Log } from '@banyan/service';
import { Body, Controller, HttpCode, Post, type Type } from '@nestjs/common';
import { z } from 'zod';
import type { CommandTools } from '../commands/command-attempt.js';
import { validate } from '../commands/validate.js';
import { problem } from '../problems.js';
import { type RestateReport, restate } from './restate.js';

const body = z.strictObject({
  entity: z.string().min(1).max(100),
  key: z.uuid().toLowerCase(),
  /** null = there is none any more. */
  state: z.record(z.string(), z.unknown()).nullable(),
  by: z.string().trim().min(1).max(100),
  reason: z.string().trim().min(1).max(1_000),
  dryRun: z.boolean().default(false),
});

/** For operators: guarded as every internal command, by the token of the configuration or by listening on this machine alone. */
export function restateController(tools: CommandTools & { readonly logger: Log }): Type<unknown> {
  @Controller('internal/restate')
  class RestateController {
    @Post()
    @HttpCode(200)
    async one(@Body() given: unknown): Promise<RestateReport> {
      const { entity: name, key, state, by, reason, dryRun } = validate('API_BODY_INVALID', 'The body', body, given);
      const entity = tools.entities.find((each) => each.name === name);
      if (entity === undefined) throw problem('API_NOT_FOUND', `No entity ${JSON.stringify(name)} is being migrated.`);
      const report = await restate(tools, { entity, key, state: state ?? undefined, why: { by, reason }, dryRun });
      const { eventId, expectedVersion } = report;
      if (!dryRun)
        tools.logger.warn(
          { entity: name, key, by, reason, eventId, expectedVersion },
          `${name} ${key} is restated by ${by}`,
        );
      return report;
    }
  }
  return RestateController;
}
