import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT_STATE } from '../checkout.js';
import type { ServiceName } from '../stack.js';
import { identify, type ProcessIdentity } from './process-identity.js';

/** Where the records of this checkout's stacks are. */
const RECORDS = join(CHECKOUT_STATE, 'stacks');

interface OwnedProcess extends ProcessIdentity {
  readonly service: ServiceName;
}

/** What one stack has started: what a later start may end when this stack's owner died without doing so. */
interface StackRecord {
  readonly id: string;
  /** Processes are named by pid, so a record counts on the host that wrote it only (a checkout may be shared with a container). */
  readonly host: string;
  readonly owner: ProcessIdentity;
  /** Set for a stack that keeps its data; one live stack may use it. */
  readonly dataDirectory?: string;
  readonly processes: readonly OwnedProcess[];
  readonly containers: readonly string[];
  /** Temporary directories made for this stack alone. */
  readonly directories: readonly string[];
}

/** The record of a stack of this process, kept on disk at every step. */
class StackRecorder {
  readonly #path: string;
  #record: StackRecord;

  constructor(id: string, dataDirectory: string | undefined, records: string = RECORDS) {
    const owner = identify(process.pid);
    if (owner === undefined) throw new Error(`The start time of process ${process.pid} could not be read.`);
    this.#path = join(records, `${id}.json`);
    this.#record = {
      id,
      host: hostname(),
      owner,
      ...(dataDirectory === undefined ? {} : { dataDirectory }),
      processes: [],
      containers: [],
      directories: [],
    };
    mkdirSync(records, { recursive: true });
    this.#write();
  }

  get record(): StackRecord {
    return this.#record;
  }

  /** To be called in the same turn as the spawn, so that hardly anything can come between the process and its record. */
  addProcess(service: ServiceName, pid: number): void {
    const identity = identify(pid);
    if (identity === undefined) return;
    this.#update({ processes: [...this.#record.processes, { service, ...identity }] });
  }

  removeProcess(pid: number): void {
    this.#update({ processes: this.#record.processes.filter((process) => process.pid !== pid) });
  }

  addContainer(container: string): void {
    this.#update({ containers: [...this.#record.containers, container] });
  }

  addDirectory(directory: string): void {
    this.#update({ directories: [...this.#record.directories, directory] });
  }

  /** Everything has ended: nothing is left to clean up. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #update(change: Partial<StackRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#write();
  }

  // Renamed into place: a reader, or a crash in the middle, never meets half a record.
  #write(): void {
    const partial = `${this.#path}.partial`;
    writeFileSync(partial, `${JSON.stringify(this.#record, undefined, 2)}\n`);
    renameSync(partial, this.#path);
  }
}

export { type OwnedProcess, RECORDS, type StackRecord, StackRecorder };
