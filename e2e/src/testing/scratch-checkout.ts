import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What somebody who clones has not: what is built, kept or installed. */
const LEFT_OUT = new Set(['.git', '.turbo', '.banyan', 'coverage', 'dist', 'node_modules']);
/** Files of node_modules that are written again where they lie: a second name for them would be written too. */
const WRITTEN_IN_PLACE = new Set(['.package-lock.json', '.installed-from']);

export interface ScratchCheckout {
  readonly folder: string;
  remove(): void;
}

/**
 * A copy of the checkout in a temporary folder, as it is on disk, ready to be changed: its files are copied, what is installed has
 * a second name there (a hard link, where the file system can), so that it takes seconds and no network.
 */
export function scratchCheckout(root: string): ScratchCheckout {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-scratch-'));
  try {
    copySources(root, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

function copySources(from: string, to: string): void {
  each(from, to, copy, (name, source, target) => {
    if (name === 'node_modules') linkInstalled(source, target);
    else if (!LEFT_OUT.has(name)) copySources(source, target);
  });
}

function linkInstalled(from: string, to: string): void {
  each(
    from,
    to,
    (source, target, name) => (WRITTEN_IN_PLACE.has(name) ? copy : link)(source, target),
    (_name, source, target) => linkInstalled(source, target),
  );
}

function each(
  from: string,
  to: string,
  file: (source: string, target: string, name: string) => void,
  folder: (name: string, source: string, target: string) => void,
): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isDirectory()) folder(entry.name, source, target);
    else if (entry.isFile()) file(source, target, entry.name);
  }
}

function copy(source: string, target: string): void {
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
}

function link(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without hard links: it takes longer.
    copy(source, target);
  }
}
