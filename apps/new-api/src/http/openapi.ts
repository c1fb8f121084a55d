import { SHELL_PROBLEMS } from '@banyan/service';
import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { API_PROBLEMS } from '../problems.js';
import { acceptedSchema, receiptOperation, receiptSchema } from '../receipts/receipt-openapi.js';
import type { ApiRoute } from './api-routes.js';
import { answered, header, type Json, PROBLEM, told } from './openapi-parts.js';

const ID =
  'A UUID, or `legacy:` and the id of its row in the legacy system, adopted from there when V2 does not have it.';

/** The OpenAPI document of the routes and of the receipts; what the entities' schemas say is what is checked. */
export function openApiOf(routes: readonly ApiRoute[], receipts: { readonly waitMaxS: number }): OpenAPIObject {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Banyan new-api',
      version: '2',
      description:
        'Commands and queries of the new system. Errors are RFC 9457 problem details; their `code` is listed at `Problem`.',
    },
    paths: { ...paths, '/v2/receipts/{eventId}': { get: receiptOperation(receipts.waitMaxS) } },
    components: { schemas: { Problem: problemSchema(), Accepted: acceptedSchema(), Receipt: receiptSchema() } },
  };
  return document as unknown as OpenAPIObject;
}

function operationOf(route: ApiRoute): Json {
  const id = route.path.includes('/:id')
    ? [{ name: 'id', in: 'path', required: true, description: ID, schema: { type: 'string' } }]
    : [];
  return {
    operationId: route.name,
    summary: route.summary,
    tags: [route.entity],
    parameters: [...id, ...parametersOf(route)],
    ...(route.kind === 'command' && route.schema !== undefined
      ? {
          requestBody: {
            required: route.method !== 'DELETE',
            content: { 'application/json': { schema: jsonSchema(route.schema) } },
          },
        }
      : {}),
    responses: responsesOf(route),
  };
}

function parametersOf(route: ApiRoute): Json[] {
  if (route.kind === 'one') return [header('If-None-Match', 'The ETag that the caller has; 304 when nothing is new.')];
  if (route.kind === 'command') {
    return [
      header('If-Match', 'The ETag that the change was made on; 412 when the entity has another version.'),
      header(
        'Idempotency-Key',
        'Kept for 7 days. A repeat with the same key and body gets the same answer and acts once.',
      ),
      header(
        'Banyan-Wait-For',
        '`ported`: answer when legacy has it, too. `Banyan-Ported` says yes or no, `Banyan-Port-State` why not.',
      ),
      header('Banyan-Deadline-Ms', 'With Banyan-Wait-For: how long the request may take, 1 to 60000.'),
      header(
        'Prefer',
        '`respond-async` (RFC 7240): 202 with a receipt as soon as the event is in the log. `wait=`: how many seconds the outcome may take.',
      ),
    ];
  }
  const { properties = {}, required = [] } =
    route.schema === undefined
      ? {}
      : (jsonSchema(route.schema) as {
          properties?: Record<string, Json>;
          required?: string[];
        });
  const listed = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    // What has a default is required of the output, not of callers.
    required: required.includes(name) && !('default' in schema),
    description: schema.description,
    schema,
  }));
  const legacyId =
    'Instead of all others: the one with this id in the legacy system, adopted from there when V2 does not have it.';
  return [
    ...listed,
    { name: 'legacyId', in: 'query', required: false, description: legacyId, schema: { type: 'string' } },
  ];
}

const ETAG = { ETag: told('The version, as If-Match takes it.') };

function responsesOf(route: ApiRoute): Json {
  const id = { id: { type: 'string', format: 'uuid' }, version: { type: 'integer' }, legacyId: { type: 'string' } };
  const entity = { type: 'object', properties: id, required: ['id', 'version'], additionalProperties: true };
  if (route.kind === 'one')
    return {
      200: answered('The entity; its version is the ETag.', entity, ETAG),
      304: { description: 'Not changed.', headers: ETAG },
      default: PROBLEM,
    };
  if (route.kind === 'list') {
    const items = { type: 'array', items: { type: 'object', additionalProperties: true } };
    return {
      200: answered('A page.', { type: 'object', properties: { items, next: { type: ['string', 'null'] } } }),
      default: PROBLEM,
    };
  }
  const done = route.path.includes('/:id') ? 200 : 201;
  const applied = { 'Preference-Applied': told('What of `Prefer` was kept to.') };
  const ofDone = {
    ...ETAG,
    Link: told('With `respond-async`: the receipt, as `rel="status"`.'),
    'Banyan-Ported': told('With Banyan-Wait-For: `yes`, or `no`.'),
    'Banyan-Port-State': told('With Banyan-Wait-For: what became of it at the primary port.'),
    ...applied,
  };
  return {
    [done]: answered('Done: the new state; its version is the ETag.', entity, {
      ...(done === 201 ? { Location: told('Of the entity.') } : {}),
      ...ofDone,
    }),
    ...(done === 201 ? { 200: answered('It was so already.', entity, ofDone) } : {}),
    202: answered(
      'In the log; the outcome is not known yet, and may still be a conflict. The receipt tells.',
      { $ref: '#/components/schemas/Accepted' },
      {
        Location: told('Of the receipt.'),
        'Retry-After': told('Seconds after which to ask for the receipt.'),
        ...applied,
      },
    ),
    default: PROBLEM,
  };
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function problemSchema(): Json {
  const own = Object.entries(API_PROBLEMS).map(([code, { status, meaning }]) => ({ code, status, meaning }));
  const lines = [...own, ...SHELL_PROBLEMS].map(({ code, status, meaning }) => `- \`${code}\` (${status}): ${meaning}`);
  return {
    type: 'object',
    description: `RFC 9457 problem details. Codes, beside those that commands refuse with (422):\n${lines.join('\n')}`,
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string' },
      errors: {
        type: 'array',
        items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
      },
    },
    additionalProperties: true,
  };
}
