import { Controller, Req, RequestMapping, RequestMethod, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { apiRequest } from './api-request.js';
import type { ApiRoute } from './api-routes.js';
import { sendAnswer } from './send-answer.js';

/** A controller made of an entity's routes: a new command needs no line here. */
export function entityController(entity: string, routes: readonly ApiRoute[]): Type<unknown> {
  class EntityController {}
  Object.defineProperty(EntityController, 'name', { value: `${entity}Controller` });
  const prototype = EntityController.prototype as Record<string, unknown>;
  for (const route of routes) {
    prototype[route.name] = (request: FastifyRequest, reply: FastifyReply) => answer(route, request, reply);
    const property = Object.getOwnPropertyDescriptor(prototype, route.name) ?? {};
    RequestMapping({ path: route.path, method: RequestMethod[route.method] })(prototype, route.name, property);
    Req()(prototype, route.name, 0);
    Res()(prototype, route.name, 1);
  }
  Controller()(EntityController);
  return EntityController;
}

async function answer(route: ApiRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await sendAnswer(reply, await route.handle(apiRequest(request)));
}
