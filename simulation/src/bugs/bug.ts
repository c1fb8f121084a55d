import type { PorterStatements, PorterStore } from '@banyan/legacy-porter/testing';
import type { MemoryTx } from '@banyan/postgres/testing';
import type { SinkStore, SinkTx } from '@banyan/sink';
import type { Variant } from '../world/variant.js';

/** A way to build it wrongly that a reader could take for right, and which a simulation has to find. */
export interface Bug {
  readonly name: string;
  readonly what: string;
  readonly variant: Variant;
}

/** A sink's store of which each transaction is wrong. */
export function eachTx(
  store: SinkStore<MemoryTx>,
  wrong: (tx: SinkTx<MemoryTx>) => SinkTx<MemoryTx>,
): SinkStore<MemoryTx> {
  return { ...store, transaction: (work) => store.transaction((tx) => work(wrong(tx))) };
}

/** A porter's store of which each statement may be wrong. */
export function eachStatements(
  store: PorterStore<MemoryTx>,
  wrong: (statements: PorterStatements) => PorterStatements,
): PorterStore<MemoryTx> {
  return {
    alone: wrong(store.alone),
    transaction: (work) => store.transaction((tx) => work(wrong(tx))),
    within: (handle) => wrong(store.within(handle)),
  };
}
