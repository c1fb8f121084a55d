import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the folder hold exactly these files; answers how many there are. */
export function writeGenerated(folder: string, files: ReadonlyMap<string, string>): number {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return files.size;
}

/** Names of files that are missing, left over, or other than the schemas make them. */
export function drift(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const changed = [...files].filter(([name, text]) => {
    return !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== text;
  });
  return [...changed.map(([name]) => name), ...present.filter((name) => !files.has(name))].sort();
}
