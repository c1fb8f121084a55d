import type { MoveGoal, MovePorts } from '@banyan/control';
import type { PorterApi } from '@banyan/importing';
import type { Appender, SliceHandler } from '@banyan/kafka';
import type { HttpSendingPort, PorterStore } from '@banyan/legacy-porter/testing';
import type { Journal, V2View } from '@banyan/new-api/testing';
import type { MemorySession, MemoryTx } from '@banyan/postgres/testing';
import type { SinkStore } from '@banyan/sink';
import type { Pausable } from './flow.js';
import type { Process } from './process.js';

/** A place at which a world can be built wrongly. What is left out is as in production. */
export interface Variant {
  /** Of the projector, or of the porter's intake. */
  sinkStore?(store: SinkStore<MemoryTx>, session: MemorySession): SinkStore<MemoryTx>;
  /** Of the projector, or of the porter's intake. */
  handler?(handler: SliceHandler, store: SinkStore<MemoryTx>): SliceHandler;
  pausable?(member: Pausable): Pausable;
  porterStore?(store: PorterStore<MemoryTx>, session: MemorySession): PorterStore<MemoryTx>;
  port?(port: HttpSendingPort): HttpSendingPort;
  /** Whether a porter's lease runs out. Default true. */
  readonly leaseEnds?: boolean;
  /** Whether the porter keeps what events tell whose effect was given up. Default true. */
  readonly remembers?: boolean;
  /** Of new-api. */
  appender?(appender: Appender, process: Process, view: V2View): Appender;
  view?(view: V2View): V2View;
  journal?(journal: Journal): Journal;
  porterApi?(api: PorterApi): PorterApi;
  /** Of who moves the authority. */
  movePorts?(ports: MovePorts, goal: MoveGoal): MovePorts;
}

export const AS_IN_PRODUCTION: Variant = {};
