// Whether node_modules is what package-lock.json names: `npm ci` takes minutes and is not run again for nothing. Run by itself it
// marks node_modules as current; whoever has just run `npm install` may say so.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function isInstalled(root) {
  const mark = markOf(root);
  return existsSync(mark) && readFileSync(mark, 'utf8') === lockOf(root);
}

export function markInstalled(root) {
  writeFileSync(markOf(root), lockOf(root));
}

function markOf(root) {
  return join(root, 'node_modules', '.installed-from');
}

function lockOf(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) markInstalled(fileURLToPath(new URL('..', import.meta.url)));
