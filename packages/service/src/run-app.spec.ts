import { BanyanError } from '@banyan/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { HealthResult } from './health/health-check.js';
import { HttpProblem } from './http/problem.js';
import { type RunningApp, runApp } from './run-app.js';

let release: (value: object) => void = () => {};

@Controller('things')
class ThingsController {
  @Post()
  echo(@Body() body: unknown): unknown {
    return body;
  }
  @Get('refused')
  refused(): never {
    throw new HttpProblem(409, 'THING_TAKEN', 'Taken; choose another.', {
      data: { thing: 1 },
      headers: { 'retry-after': '2' },
    });
  }
  @Get('away')
  away(): never {
    throw new BanyanError('DB_AWAY', 'The database is away.', { retryable: true });
  }
  @Get('broken')
  broken(): never {
    throw new TypeError('secret internals');
  }
  @Get('slow')
  slow(): Promise<object> {
    return new Promise((resolve) => {
      release = resolve;
    });
  }
}

let stopped = false;

@Module({ controllers: [ThingsController] })
class ThingsModule {
  onApplicationShutdown(): void {
    stopped = true;
  }
}

describe('runApp', () => {
  let app: RunningApp;
  let ready: HealthResult = { ok: true };
  beforeEach(async () => {
    ready = { ok: true };
    app = await runApp({
      name: 'things',
      module: ThingsModule,
      config: { PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' },
      openRequestsMs: 300,
      health: [
        { name: 'store', ready: () => ready },
        { name: 'consumer', live: () => ({ ok: true }) },
      ],
    });
  });
  afterEach(() => app.close());

  const post = (body: string, type = 'application/json') =>
    fetch(`${app.url}/things`, { method: 'POST', headers: { 'content-type': type }, body });
  const problem = async (response: Response) => ({
    type: response.headers.get('content-type'),
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  });

  it('is live while it is not ready, and says why', async () => {
    ready = { ok: false, reason: 'no connection since 3 s' };
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    const response = await fetch(`${app.url}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'failed',
      checks: [
        { name: 'shutdown', ok: true },
        { name: 'store', ok: false, reason: 'no connection since 3 s' },
      ],
    });
  });

  it('counts requests by route, not by URL', async () => {
    await post('{}');
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(text).toContain('banyan_http_request_duration_seconds_count{method="POST",route="/things",status="201"}');
  });

  it('answers malformed JSON with 400, other types with 415, unknown routes with 404', async () => {
    for (const bad of ['{"a":', 'x', '{"__proto__":1}']) {
      expect(await problem(await post(bad))).toMatchObject({
        type: 'application/problem+json; charset=utf-8',
        status: 400,
        body: { code: 'HTTP_MALFORMED', status: 400, type: 'urn:banyan:problem:HTTP_MALFORMED', title: 'Bad Request' },
      });
    }
    expect(await problem(await post('<a/>', 'application/xml'))).toMatchObject({ body: { code: 'HTTP_MEDIA_TYPE' } });
    expect(await problem(await fetch(`${app.url}/nothing`))).toMatchObject({ body: { code: 'HTTP_ROUTE_UNKNOWN' } });
  });

  it('takes bodies up to 1 MB and answers larger ones with 413', async () => {
    const text = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
    expect((await post(text(1_048_576))).status).toBe(201);
    expect(await problem(await post(text(1_048_577)))).toMatchObject({
      status: 413,
      body: { code: 'HTTP_BODY_TOO_LARGE' },
    });
  });

  it('tells an error raised on purpose with its code, data and headers', async () => {
    const response = await fetch(`${app.url}/things/refused`);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await problem(response)).toMatchObject({
      status: 409,
      body: { code: 'THING_TAKEN', detail: 'Taken; choose another.', thing: 1 },
    });
    const away = await fetch(`${app.url}/things/away`);
    expect(away.headers.get('retry-after')).toBe('1');
    expect(await problem(away)).toMatchObject({ status: 503, body: { code: 'DB_AWAY' } });
  });

  it('does not tell callers what nobody expected', async () => {
    const { status, body } = await problem(await fetch(`${app.url}/things/broken`));
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'SERVICE_INTERNAL' });
    expect(JSON.stringify(body)).not.toContain('secret internals');
  });

  it('answers what is open before it runs the shutdown hooks', async () => {
    stopped = false;
    const open = fetch(`${app.url}/things/slow`);
    // The handler has the request once a later one is answered.
    await fetch(`${app.url}/health/live`);
    const closed = app.close();
    expect(stopped).toBe(false);
    release({ done: true });
    expect(await (await open).json()).toEqual({ done: true });
    await closed;
    expect(stopped).toBe(true);
  });

  it('takes back the connection of what it answers while it stops: a client would keep it for later', async () => {
    const open = fetch(`${app.url}/things/slow`);
    await fetch(`${app.url}/health/live`);
    const closed = app.close();
    const isUp = () =>
      fetch(`${app.url}/health/live`).then(
        () => true,
        () => false,
      );
    while (await isUp());
    release({ done: true });
    expect((await open).headers.get('connection')).toBe('close');
    await closed;
  });

  it('cuts a request that does not come to an end, and runs the shutdown hooks all the same', async () => {
    stopped = false;
    const open = fetch(`${app.url}/things/slow`);
    const cut = expect(open).rejects.toThrow();
    await fetch(`${app.url}/health/live`);
    await app.close();
    await cut;
    expect(stopped).toBe(true);
  });

  it('rejects when its port is taken', async () => {
    const PORT = Number(new URL(app.url).port);
    const config = { PORT, HOST: '127.0.0.1', LOG_LEVEL: 'silent' };
    await expect(runApp({ name: 'second', module: ThingsModule, config, health: [] })).rejects.toMatchObject({
      code: 'SERVICE_PORT_TAKEN',
      message: expect.stringContaining(`127.0.0.1:${PORT}`),
    });
  });
});
