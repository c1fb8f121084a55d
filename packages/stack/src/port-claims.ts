import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './ownership/process-identity.js';

/**
 * Which process is going to listen where. A port is free until somebody listens, and a broker takes seconds to come so far: without a word
 * between them, two test runs on one machine would give out the same one. A claim lasts as long as the process that made it.
 */
export class PortClaims {
  readonly #folder: string;
  readonly #self: ProcessIdentity | undefined;

  constructor(folder = join(tmpdir(), `banyan-ports-${userInfo().uid}`), pid = process.pid) {
    this.#folder = folder;
    this.#self = identify(pid);
    mkdirSync(folder, { recursive: true });
  }

  /** @returns false when another process that lives has it */
  claim(port: number): boolean {
    const file = join(this.#folder, String(port));
    if (this.#write(file)) return true;
    const holder = holderOf(file);
    if (holder !== undefined && isSame(holder, this.#self)) return true;
    if (holder !== undefined && isAlive(holder)) return false;
    rmSync(file, { force: true });
    return this.#write(file);
  }

  /** Whole or not at all: a claim that is read half written would look like nobody's. */
  #write(file: string): boolean {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(this.#self ?? null));
    try {
      linkSync(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function isSame(one: ProcessIdentity, other: ProcessIdentity | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
