import { HTTP_TRACE } from '@banyan/contracts';
import type { Work } from '../store/work.js';

/** What may stand in an HTTP header: the headers of a record come from whoever wrote it, and one that breaks a request would stop its key. */
const PLAIN = /^[\x21-\x7e]{1,128}$/;

/** What legacy is told of the event behind a write, in HTTP headers: whoever answers it with a call of its own should pass them on. */
export function causedBy({ eventId, trace }: Pick<Work, 'eventId' | 'trace'>): Record<string, string> {
  const { correlationId = eventId, hops = 0, traceparent } = trace;
  return {
    ...plain(HTTP_TRACE.correlationId, correlationId),
    [HTTP_TRACE.hops]: String(hops + 1),
    ...plain('traceparent', traceparent),
  };
}

function plain(name: string, value: string | undefined): Record<string, string> {
  return value !== undefined && PLAIN.test(value) ? { [name]: value } : {};
}
