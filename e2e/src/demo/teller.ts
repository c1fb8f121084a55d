import { request } from 'undici';
import { callLegacy, callLegacyAgain, type SeenAnswer } from '../legacy-client.js';
import { banyan } from '../operator.js';
import { until } from '../until.js';
import type { World } from '../world.js';
import type { Checks } from './checks.js';

/** By name: a team adds its own entities and keeps the demo. */
export const MOVED = 'customer product order';

/** Rows of these in Northwind as Microsoft shipped it: 91 customers, 77 products, 830 orders. */
export const SOURCE_ROWS = 91 + 77 + 830;

export interface StorytellerOptions {
  readonly world: World;
  readonly checks: Checks;
  readonly say: (line: string) => void;
}

export interface V2Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Who tells the demo: every call goes to a real part, and what a chapter claims is checked. */
export class Storyteller {
  readonly world: World;
  readonly checks: Checks;
  readonly say: (line: string) => void;

  constructor({ world, checks, say }: StorytellerOptions) {
    this.world = world;
    this.checks = checks;
    this.say = say;
  }

  chapter(title: string): void {
    this.say(`\n${title}`);
  }

  /** Runs `banyan`; any other exit code ends the story. @returns the JSON document of stdout */
  banyan<T>(words: string, exitCode = 0): Promise<T> {
    return banyan<T>(this.world, words, exitCode);
  }

  /** A call of the unchanged legacy client, at the address where legacy used to be. */
  legacyClient(method: string, path: string, body?: unknown): Promise<SeenAnswer> {
    return callLegacy(this.world.urls['legacy-api-proxy'], method, path, body);
  }

  /** The same for a write, asked again where it is told to. */
  legacyClientAgain(method: string, path: string, body?: unknown): Promise<SeenAnswer> {
    return callLegacyAgain(this.world.urls['legacy-api-proxy'], method, path, body);
  }

  /** What people of billing see. */
  async billing(path: string): Promise<unknown> {
    return (await request(`${this.world.urls['legacy-billing']}${path}`)).body.json();
  }

  /** What legacy itself says, past the proxy. */
  legacyItself(path: string): Promise<SeenAnswer> {
    return callLegacy(this.world.urls.legacy, 'GET', path);
  }

  /** As a careful client: asked again while it is not answered, with the same Idempotency-Key where it has one. */
  newApi(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<V2Answer> {
    return until(`${method} ${path}`, async () => {
      const answer = await request(this.world.urls['new-api'] + path, {
        method: method as 'GET',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const said = (await answer.body.json()) as V2Answer['body'];
      // A move is in the control log before every instance has heard of it; until then nothing is done. And a projector may be behind.
      const later = said.code === 'API_AUTHORITY_MOVING' || (answer.statusCode === 202 && 'idempotency-key' in headers);
      return later ? undefined : { status: answer.statusCode, body: said };
    });
  }

  /** Waits until every consumer has done what there is to do. */
  async untilQuiet(): Promise<void> {
    await until('every consumer is done', async () => {
      const { code, stdout } = await this.world.banyan('status', '--json');
      return code === 0 && (JSON.parse(stdout) as { quiet: boolean }).quiet ? true : undefined;
    });
  }
}
