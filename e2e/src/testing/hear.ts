import { request } from 'undici';

/** What of an answer a client of legacy can rely on. */
export interface Heard {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly total: string | undefined;
  readonly body: string;
}

export interface Said {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as it is when it is text, else as JSON. */
  readonly body?: unknown;
}

/** @param target path and query */
export async function hear(url: string, target: string, { method = 'GET', body }: Said = {}): Promise<Heard> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await request(`${url}${target}`, {
    method,
    ...(sent === undefined ? {} : { body: sent, headers: { 'content-type': 'application/json' } }),
  });
  const text = (name: string) => (typeof answer.headers[name] === 'string' ? answer.headers[name] : undefined);
  return {
    status: answer.statusCode,
    contentType: text('content-type'),
    total: text('x-total-count'),
    body: await answer.body.text(),
  };
}
