/** An answer as specs look at it. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: specs look into bodies of every shape
  readonly body: any;
}

/** Sends JSON, and reads JSON. */
export async function send(
  base: string,
  method: string,
  path: string,
  {
    body,
    headers = {},
    timeoutMs = 60_000,
  }: { body?: unknown; headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Answered> {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Asks until it holds, or throws with the last answer. */
export async function until(
  ask: () => Promise<Answered>,
  holds: (answer: Answered) => boolean,
  timeoutMs = 60_000,
): Promise<Answered> {
  for (const end = performance.now() + timeoutMs; ; ) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > end) throw new Error(`in vain; last: ${answer.status} ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
