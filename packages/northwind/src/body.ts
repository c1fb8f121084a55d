import type { LegacyRequest } from '@banyan/transformer';
import { refused } from './answers.js';
import { type Columns, readFields, requireStorable, type Values } from './columns.js';

/** A body is JSON whatever its content type says. Throws `LegacyRefused`. */
export function jsonBody({ body }: LegacyRequest): Readonly<Record<string, unknown>> {
  return asObject(body === '' ? undefined : parsed(body), 'The request body');
}

/** The columns' values out of a body. Throws `LegacyRefused`. */
export function readBody<C extends Columns>(columns: C, request: LegacyRequest): Values<C> {
  const values = readFields(columns, jsonBody(request));
  requireStorable(columns, values);
  return values;
}

export function asObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(`${name} must be a JSON object.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw refused(`The request body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
