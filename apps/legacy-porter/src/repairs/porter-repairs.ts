import type { UnlikeKey } from '@banyan/postgres';
import { type ResyncProgress, type RunResyncOptions, resyncBatch, type SinkStore } from '@banyan/sink';
import type { SendingPort } from '../sending/sending-port.js';
import type { PorterStore } from '../store/porter-store.js';
import { controlName } from '../switches/settings.js';
import { type DiscardSendOrder, discardSend } from './discard-send.js';
import { rePort } from './re-port.js';
import { type DoubtOrder, settleDoubt } from './settle-doubt.js';

/** What people may do with the keys of one port. */
export interface PorterRepairs {
  /** Throws as `discardSend`. */
  discard(order: DiscardSendOrder): Promise<void>;
  /** Throws as `settleDoubt`. */
  settle(order: DoubtOrder): Promise<void>;
  /** Oldest first, at most 1,000. @param key that one alone */
  unlike(key?: string): Promise<readonly UnlikeKey[]>;
  /** Sends the next keys of a re-port; as `resyncBatch`. */
  batch: RunResyncOptions['batch'];
  /** Sends of re-ports that go on by themselves. */
  underWay(): Promise<number>;
  progress(): Promise<ResyncProgress | undefined>;
}

export interface PorterRepairsOptions<Handle> {
  readonly store: PorterStore<Handle>;
  readonly sinkStore: SinkStore<Handle>;
  readonly port: SendingPort;
  partitionOf(key: string): number;
  readonly writer: string;
  readonly nowMs: () => number;
}

export function porterRepairs<Handle>(options: PorterRepairsOptions<Handle>): PorterRepairs {
  const { store, sinkStore, port } = options;
  const { consumer, entity } = port;
  const anew = {
    store: sinkStore,
    name: controlName(consumer),
    version: entity.version,
    apply: rePort({ store, consumer }),
  };
  return {
    discard: (order) => discardSend(options, order),
    settle: (order) => settleDoubt(options, order),
    unlike: (key) => sinkStore.unlike(key),
    batch: (request, of) => resyncBatch(anew, request, of),
    underWay: () => store.alone.rePortsUnderWay(consumer),
    progress: () => sinkStore.resyncProgress(),
  };
}
