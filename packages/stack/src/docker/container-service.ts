import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BanyanError } from '@banyan/core';
import { CHECKOUT } from '../checkout.js';
import { childEnvironment } from '../config.js';
import type { OwnService } from '../providers/provider.js';
import type { ServiceName } from '../stack.js';
import { waitUntil } from '../wait-until.js';
import { type Container, removeContainers, unlessEnded } from './runtime.js';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_S = 15;
const END_CONTAINERS = join(CHECKOUT, 'packages', 'stack', 'dist', 'docker', 'end-containers.js');

/** A service in a container of its own. Its host port is part of the container, so it survives stop and start. */
class ContainerService implements OwnService {
  readonly name: ServiceName;
  readonly #container: Container;
  readonly #isReady: () => Promise<boolean>;
  #running = false;

  constructor(name: ServiceName, container: Container, isReady: () => Promise<boolean>) {
    this.name = name;
    this.#container = container;
    this.#isReady = isReady;
  }

  get running(): boolean {
    return this.#running;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    await this.#container.start();
    this.#running = true;
    let ended = false;
    const ready = await waitUntil(
      async () => {
        const answers = await this.#isReady().catch(() => false);
        if (!answers) ended = !(await this.#container.inspect()).State.Running;
        return answers;
      },
      {
        timeoutMs: START_TIMEOUT_MS,
        everyMs: 250,
        giveUp: () => {
          if (ended) this.#running = false;
          if (ended) throw new Error(`The container of ${this.name} ended.`);
        },
      },
    ).catch(() => false);
    if (!ready) throw await this.#failure();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    await unlessEnded(this.#container.stop({ t: STOP_TIMEOUT_S }));
    this.#running = false;
  }

  async kill(): Promise<void> {
    if (!this.#running) return;
    await unlessEnded(this.#container.kill());
    await this.#container.wait();
    this.#running = false;
  }

  async end(keepData: boolean): Promise<void> {
    this.#running = false;
    await removeContainers([this.#container.id], keepData);
  }

  abort(keepData: boolean): void {
    const args = [END_CONTAINERS, keepData ? 'keep' : 'discard', this.#container.id];
    const env = childEnvironment({ NODE_OPTIONS: '' });
    spawn(process.execPath, args, { detached: true, stdio: 'ignore', env }).unref();
  }

  async #failure(): Promise<BanyanError> {
    const log = await this.#container
      .logs({ stdout: true, stderr: true, tail: 12 })
      .then((output) => output.toString('utf8'))
      .catch(() => '(no output)');
    return new BanyanError(
      'STACK_SERVICE_FAILED',
      `The container of ${this.name} did not come up; its log ends with:\n${log}`,
      { data: { service: this.name, container: this.#container.id } },
    );
  }
}

export { ContainerService };
