/** Pieces of the OpenAPI document. */
export type Json = Record<string, unknown>;

export const PROBLEM = {
  description: 'A problem; what may be another time has `Retry-After`.',
  headers: { 'Retry-After': told('Seconds after which to ask again: with 503 and 409 API_IDEMPOTENCY_IN_FLIGHT.') },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** An answer in JSON. */
export function answered(description: string, schema: Json, headers: Json = {}): Json {
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: { 'application/json': { schema } },
  };
}

/** A header of an answer. */
export function told(description: string): Json {
  return { description, schema: { type: 'string' } };
}

/** A header of a request. */
export function header(name: string, description: string): Json {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}
