import { setTimeout as delay } from 'node:timers/promises';
import type { Arm } from './arms.js';
import type { AckLedger } from './ledger.js';

const KEYS_PER_SENDER = 3;
/** A sender that overtakes itself keeps so many sends of a key open. */
const PIPED = 4;
/** Behind a refusal. A producer that is broken for good refuses at once: callers that came again at once would leave the process no time, not even for the timer that ends them. */
const PAUSE_MS = 20;

/** Eight senders that never stop: every second one waits for each answer, the others keep four sends of a key open. */
export class Load {
  readonly #arm: Arm;
  readonly #ledger: AckLedger;
  #going = true;
  #senders: Promise<void>[] = [];

  constructor(arm: Arm, ledger: AckLedger) {
    this.#arm = arm;
    this.#ledger = ledger;
  }

  start(): void {
    this.#senders = Array.from({ length: 8 }, (_, sender) => this.#send(sender));
  }

  /** No new ones; resolves when all callers were told. */
  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#senders);
  }

  async #send(sender: number): Promise<void> {
    for (let round = 0; this.#going; round += 1) {
      const key = `key-${sender}-${round % KEYS_PER_SENDER}`;
      const open = Array.from({ length: sender % 2 === 0 ? 1 : PIPED }, () => this.#ledger.send(this.#arm, [key]));
      const told = await Promise.all(open);
      if (told.includes(false)) await delay(PAUSE_MS);
    }
  }
}
