import { setTimeout as delay } from 'node:timers/promises';
import { isBanyanError } from '@banyan/core';
import type { HealthCheck, Log } from '@banyan/service';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Something that is tried until it succeeds, while the app already serves what it can. */
export class Until implements HealthCheck {
  private done = false;
  private reason = 'not tried yet';
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly work: () => Promise<void>,
    private readonly log: Log,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  ready() {
    return this.done ? { ok: true } : { ok: false, reason: this.reason };
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.stopping.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      try {
        await this.work();
        this.done = true;
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        // Said once per cause, not once per try.
        if (reason !== this.reason) {
          this.log.warn({ code: isBanyanError(error) ? error.code : undefined, part: this.name }, `waiting: ${reason}`);
        }
        this.reason = reason;
      }
      await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
