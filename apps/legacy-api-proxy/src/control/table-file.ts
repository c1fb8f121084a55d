import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ControlState } from '@banyan/control';

export interface SavedTable {
  readonly state: ControlState;
  /** It left in order: moves have not waited for it since, so the table says nothing of who may write now. */
  readonly left: boolean;
}

export interface TableFile {
  /** undefined = there is none, or it cannot be read; then the reason was told. */
  load(): Promise<SavedTable | undefined>;
  /** Resolves when it is on the disk. Saves are done one after the other, the last one wins. */
  save(table: SavedTable): Promise<void>;
}

const FORMAT = 1;

interface Saved extends SavedTable {
  readonly format: number;
  readonly environment: string;
}

export interface TableFileOptions {
  readonly path: string;
  /** Which environment's table it is; that of another one is not this proxy's. */
  readonly environment: string;
  /** Hears of a file that is there and cannot be used. */
  onUnreadable(error: unknown): void;
}

/** The last table on the disk, as JSON. */
export function tableFile({ path, environment, onUnreadable }: TableFileOptions): TableFile {
  let saving: Promise<void> = Promise.resolve();
  return {
    async load() {
      try {
        const saved = JSON.parse(await readFile(path, 'utf8')) as Partial<Saved>;
        if (saved.format !== FORMAT || saved.state === undefined) throw new Error('it is no table of this version');
        if (saved.environment !== environment) throw new Error(`it is of the environment ${saved.environment}`);
        return { state: saved.state, left: saved.left ?? true };
      } catch (error) {
        if (!isMissing(error)) onUnreadable(error);
        return undefined;
      }
    },
    save(table) {
      const saved = saving.then(() => replace(path, JSON.stringify({ format: FORMAT, environment, ...table })));
      saving = saved.catch(() => undefined);
      return saved;
    },
  };
}

/** The old one or the new one is there at any moment, whole. */
async function replace(path: string, text: string): Promise<void> {
  // A name of its own: a process that was replaced may still be writing.
  const next = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(next, text);
    await rename(next, path);
  } catch (error) {
    // A save that fails is tried again twice a second: on a full disk what each left would fill it further.
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
