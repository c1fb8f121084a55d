import { setTimeout as delay } from 'node:timers/promises';
import type { HealthCheck } from '@banyan/service';

const EVERY_MS = 2_000;

/**
 * Looks at a database every two seconds: one that does not answer makes this instance unready, whether or not anybody asks it for anything.
 * It never makes it dead: a restart would not bring the database back.
 */
export class Pulse implements HealthCheck {
  private readonly stopping = new AbortController();
  private started = false;
  private reason: string | undefined = 'not looked at yet';

  /** @param ask on a connection of its own, or callers who need all others would look like a database that is away */
  constructor(
    readonly name: string,
    private readonly ask: () => Promise<unknown>,
    private readonly everyMs = EVERY_MS,
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    void this.run();
  }

  ready() {
    return this.reason === undefined ? { ok: true } : { ok: false, reason: this.reason };
  }

  /** Does not wait for a database that does not answer. */
  async stop(): Promise<void> {
    this.stopping.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.ask();
        this.reason = undefined;
      } catch (error) {
        this.reason = error instanceof Error ? error.message : String(error);
      }
      await delay(this.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
