import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.js';

export async function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): Promise<void> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  await reply
    .status(status)
    .headers({ ...(json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }), ...headers })
    .send(json);
}
