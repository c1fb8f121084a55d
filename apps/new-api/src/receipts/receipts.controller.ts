import { Controller, Get, Param, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { validate } from '../commands/validate.js';
import { apiRequest } from '../http/api-request.js';
import { preferencesOf } from '../http/preferences.js';
import { sendAnswer } from '../http/send-answer.js';
import { type AwaitTools, awaitReceipt } from './await-receipt.js';

/** What became of an event, for whoever was promised to be told. @param waitMaxS longest wait that may be asked for, seconds */
export function receiptsController(tools: AwaitTools, waitMaxS: number): Type<unknown> {
  const inSeconds = `must be a whole number of seconds from 0 to ${waitMaxS}`;
  const params = z.strictObject({
    wait: z
      .string()
      .regex(/^\d{1,9}$/, inSeconds)
      .transform(Number)
      .pipe(z.number().max(waitMaxS, inSeconds))
      .optional(),
  });

  @Controller('v2/receipts')
  class ReceiptsController {
    @Get(':eventId')
    async one(
      @Param('eventId') eventId: string,
      @Req() request: FastifyRequest,
      @Res() reply: FastifyReply,
    ): Promise<void> {
      const { query, header } = apiRequest(request);
      const { wait } = validate('API_QUERY_INVALID', 'The query string', params, query);
      const { waitS } = preferencesOf(header('prefer'));
      // A preference is as good as it can be kept; what the query string says is meant.
      const preferred = wait === undefined && waitS !== undefined ? Math.min(waitS, waitMaxS) : undefined;
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const answer = await awaitReceipt(tools, {
        eventId,
        waitMs: (wait ?? preferred ?? 0) * 1_000,
        ifNoneMatch: header('if-none-match'),
        gone: gone.signal,
      });
      const applied = preferred === undefined ? {} : { 'preference-applied': `wait=${preferred}` };
      await sendAnswer(reply, { ...answer, headers: { ...answer.headers, ...applied, vary: 'Prefer' } });
    }
  }
  return ReceiptsController;
}
