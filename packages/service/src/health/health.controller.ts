import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { exposition } from '../metrics.js';
import { type HealthCheck, report } from './health-check.js';

export const HEALTH_CHECKS = Symbol('health checks');

/** What Kubernetes and Prometheus ask. */
@Controller()
export class HealthController {
  constructor(@Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[]) {}

  @Get('health/live')
  async live(@Res() reply: FastifyReply): Promise<void> {
    await this.answer(reply, 'live');
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    await this.answer(reply, 'ready');
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, text } = await exposition();
    await reply.header('content-type', contentType).send(text);
  }

  private async answer(reply: FastifyReply, kind: 'live' | 'ready'): Promise<void> {
    const answer = await report(this.checks, kind);
    await reply
      .status(answer.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer);
  }
}
