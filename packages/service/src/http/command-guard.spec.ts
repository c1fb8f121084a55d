import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { type RunningApp, runApp } from '../run-app.js';

const TOKEN = 'sixteen-characters-or-more';
let app: RunningApp | undefined;
let done = 0;

@Controller()
class InternalController {
  @Get('internal/things')
  list(): object {
    return [];
  }
  @Post('internal/things')
  @HttpCode(200)
  change(): object {
    done += 1;
    return {};
  }
  @Post('v2/things')
  @HttpCode(200)
  command(): object {
    return {};
  }
}
@Module({ controllers: [InternalController] })
class ThingsModule {}

async function start(HOST: string, OPERATOR_TOKEN?: string) {
  const config = { PORT: 0, HOST, LOG_LEVEL: 'silent', OPERATOR_TOKEN };
  app = await runApp({ name: 'guarded', module: ThingsModule, config, health: [] });
  const { port } = new URL(app.url);
  done = 0;
  return async (method: string, path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: token };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    const { code } = (await answer.json()) as { code?: string };
    return [answer.status, ...(code === undefined ? [] : [code])];
  };
}

afterEach(() => app?.close());

describe('an internal route that changes something', () => {
  it('is open where only this machine can reach it', async () => {
    const call = await start('127.0.0.1');
    expect(await call('POST', '/internal/things')).toEqual([200]);
  });

  it('is closed to everybody where others can, and no token is set', async () => {
    const call = await start('0.0.0.0');
    expect(await call('POST', '/internal/things', `Bearer ${TOKEN}`)).toEqual([403, 'HTTP_COMMAND_CLOSED']);
    expect(await call('GET', '/internal/things')).toEqual([200]);
    expect(await call('POST', '/v2/things')).toEqual([200]);
    expect(done).toBe(0);
  });

  it.each(['127.0.0.1', '0.0.0.0'])(
    'wants the token where one is set, on %s, however its path is written',
    async (host) => {
      const call = await start(host, TOKEN);
      for (const path of ['/internal/things', '/%69nternal/things', '/internal/things?x=1']) {
        expect(await call('POST', path)).toEqual([401, 'HTTP_TOKEN_WRONG']);
        expect(await call('POST', path, 'Bearer another-token-of-some-length')).toEqual([401, 'HTTP_TOKEN_WRONG']);
      }
      expect(done).toBe(0);
      expect(await call('POST', '/internal/things', `Bearer ${TOKEN}`)).toEqual([200]);
      expect(done).toBe(1);
    },
  );
});
