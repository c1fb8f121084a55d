import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BanyanError } from '@banyan/core';
import { CHECKOUT_STATE } from './checkout.js';
import { endWithProcess } from './exit-hook.js';
import { liveRecords } from './ownership/clean-up.js';
import { withLock } from './ownership/lock.js';
import { isAlive } from './ownership/process-identity.js';
import { StackRecorder } from './ownership/stack-record.js';
import { makeTemporary, removeTemporary } from './ownership/temporary-directory.js';
import type { OwnService, Provider } from './providers/provider.js';
import type { ServiceName, StackOptions } from './stack.js';

/** What one stack started, from the first step to the last. */
class Crew {
  readonly ephemeral: boolean;
  readonly services = new Map<ServiceName, OwnService>();
  readonly #provider: Provider;
  readonly #options: StackOptions;
  readonly #id = randomUUID().slice(0, 8);
  #survived: () => void = () => undefined;
  #recorder: StackRecorder | undefined;
  #dataDirectory = '';
  #temporary: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(provider: Provider, options: StackOptions) {
    this.#provider = provider;
    this.#options = options;
    this.ephemeral = options.ephemeral ?? false;
  }

  get dataDirectory(): string {
    return this.#dataDirectory;
  }

  get recorder(): StackRecorder {
    if (this.#recorder === undefined) throw new Error('The stack was not prepared.');
    return this.#recorder;
  }

  /** Takes the data directory for this stack, and makes sure that everything that follows has an end. */
  async prepare(): Promise<void> {
    // Other people's servers: nothing is started, so nothing is kept and nothing has to end.
    if (this.#provider.name === 'env') return;
    mkdirSync(CHECKOUT_STATE, { recursive: true });
    this.#survived = endWithProcess({
      exitOnSignal: this.#options.exitOnSignal ?? true,
      stop: () => this.stop(),
      abort: () => this.abort(),
    });
    if (this.ephemeral) return this.#prepareEphemeral();
    const directory = resolve(this.#options.dataDir ?? join(CHECKOUT_STATE, 'data'));
    this.#dataDirectory = directory;
    mkdirSync(directory, { recursive: true });
    await withLock(join(CHECKOUT_STATE, 'stacks.lock'), async () => {
      refuseSecond(directory);
      this.#recorder = new StackRecorder(this.#id, directory);
    });
  }

  #prepareEphemeral(): void {
    this.#recorder = new StackRecorder(this.#id, undefined);
    if (this.#options.dataDir !== undefined) {
      this.#dataDirectory = resolve(this.#options.dataDir);
      mkdirSync(this.#dataDirectory, { recursive: true });
      return;
    }
    const directory = makeTemporary(this.#id);
    this.#recorder.addDirectory(directory);
    this.#dataDirectory = directory;
    this.#temporary = directory;
  }

  async launch(service: OwnService): Promise<void> {
    if (this.#stopping !== undefined) {
      await service.end(!this.ephemeral);
      throw new BanyanError('STACK_STOPPED', 'The stack was stopped while it started.');
    }
    this.services.set(service.name, service);
    await service.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    // Data that goes away needs no orderly end, and tests need not wait for one.
    await Promise.all([...this.services.values()].map((service) => service.end(!this.ephemeral)));
    this.#removeTemporary();
    this.#recorder?.remove();
    this.#survived();
  }

  /** In the last moment of this process. */
  abort(): void {
    for (const service of this.services.values()) service.abort(!this.ephemeral);
    // Where data is kept the services are still ending in order: the next start waits for them by this record.
    if (!this.ephemeral) return;
    this.#waitForProcesses();
    try {
      this.#removeTemporary();
      if (this.recorder.record.containers.length === 0) this.recorder.remove();
    } catch {
      // The record stays, and the next start removes the rest.
    }
  }

  /** Up to 2 s, without the event loop: nothing else runs any more. */
  #waitForProcesses(): void {
    const tick = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; waited < 2_000 && this.#recorder?.record.processes.some(isAlive); waited += 10) {
      Atomics.wait(tick, 0, 0, 10);
    }
  }

  #removeTemporary(): void {
    if (this.#temporary !== undefined) removeTemporary(this.#temporary);
  }
}

function refuseSecond(directory: string): void {
  const other = liveRecords().find(({ dataDirectory }) => dataDirectory === directory);
  if (other === undefined) return;
  throw new BanyanError(
    'STACK_ALREADY_RUNNING',
    `Process ${other.owner.pid} runs a stack on ${directory}; use the addresses it printed, or stop it first.`,
    { data: { pid: other.owner.pid, directory } },
  );
}

export { Crew };
