import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** How the names of stacks' temporary directories begin: nothing else is ever removed. */
const PREFIX = 'banyan-stack-';

function makeTemporary(id: string): string {
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${id}-`));
  // PostgreSQL may run as another account (in a stack of root's), which has to get through.
  chmodSync(directory, 0o711);
  return directory;
}

/** Removes a stack's temporary directory. A record is a file that may say anything, so no other directory is touched. */
function removeTemporary(directory: string): void {
  if (dirname(directory) !== tmpdir() || !basename(directory).startsWith(PREFIX)) return;
  // A server that is just ending removes and writes files of its own meanwhile, and a removal that meets one that is gone
  // already stops without an error.
  for (let attempt = 0; attempt < 20 && existsSync(directory); attempt++) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

export { makeTemporary, removeTemporary };
