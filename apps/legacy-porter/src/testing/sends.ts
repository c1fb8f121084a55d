import type { SendingPort } from '../sending/sending-port.js';
import type { Verdict } from '../sending/verdict.js';
import { createJournal } from '../store/journal.js';
import type { PorterStore, SentRow } from '../store/porter-store.js';
import { type Settle, settling } from '../store/settle.js';
import type { Holder, Work } from '../store/work.js';

/** One process's hand on the sends of a port. */
export class Sends {
  private readonly settle: Settle;

  constructor(
    private readonly store: PorterStore,
    readonly port: SendingPort,
    readonly holder: Holder,
  ) {
    this.settle = settling(store, holder);
  }

  /** Sends that are due: a create is version 1. */
  add(...work: readonly (readonly [key: string, version: number])[]): Promise<void> {
    return this.store.alone.addWork(
      work.map(([key, version]) => ({
        consumer: this.port.consumer,
        key,
        version,
        eventId: `e-${version}`,
        eventType: 'Happened',
        operation: version === 1 ? 'create' : 'update',
        document: { name: 'fig' },
        stateHash: undefined,
        trace: {},
      })),
      false,
    );
  }

  claim(limit = 10): Promise<readonly Work[]> {
    return this.store.alone.claimWork([this.port.consumer], this.holder, limit);
  }

  async claimOne(): Promise<Work> {
    const [work] = await this.claim(1);
    if (work === undefined) throw new Error('nothing to claim');
    return work;
  }

  open(work: Work, sent: Partial<SentRow> = {}): Promise<void> {
    const journalled = { highWaterMark: '40', legacyId: undefined, row: { Name: 'fig' }, ...sent };
    return this.journal().open(work, journalled as Parameters<ReturnType<typeof createJournal>['open']>[1]);
  }

  end(work: Work, verdict: Verdict): Promise<void> {
    return this.settle({ port: this.port, work, nowMs: 0 }, verdict);
  }

  journal(): ReturnType<typeof createJournal> {
    return createJournal(this.store, this.holder);
  }
}
